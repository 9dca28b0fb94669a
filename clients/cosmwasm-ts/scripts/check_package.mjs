// SPDX-License-Identifier: Apache-2.0
// The package as a user gets it: packs it, installs the archive in an empty folder, imports it and
// compiles a small program and the example of README.md against its types.
//
//     node scripts/check_package.mjs
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];

const PROGRAM = `
import {
    DEFAULT_MARKET_PARAMS,
    PlimsollClient,
    PlimsollError,
    PlimsollQueryClient,
    connectReader,
    marketParams,
    parseRefusal,
    toAtoms,
    type ExecuteMsg,
    type MarginResponse,
    type Reader,
} from '@plimsoll/cosmwasm';
import schema from '@plimsoll/cosmwasm/schema' with { type: 'json' };

const msg: ExecuteMsg = { deposit: { account: '1', asset: 0, amount: toAtoms('12.5', 6) } };
const margin = (reader: Reader): Promise<MarginResponse> =>
    reader.plimsoll.getMargin({ account: '1' });
const error: PlimsollError | undefined = parseRefusal('E_PAUSED: paused by the guardian');
const found = [PlimsollClient, PlimsollQueryClient, connectReader, margin];
if (JSON.stringify(msg) !== '{"deposit":{"account":"1","asset":0,"amount":"12500000"}}') {
    throw new Error('toAtoms');
}
if (error?.code !== 401 || marketParams().initial !== DEFAULT_MARKET_PARAMS.initial) {
    throw new Error('errors or parameters');
}
if (found.some((one) => typeof one !== 'function') || schema.contract_name !== 'plimsoll') {
    throw new Error('exports');
}
// @ts-expect-error money is never a number
const wrong: ExecuteMsg = { deposit: { account: '1', asset: 0, amount: 12500000 } };
console.log(wrong === undefined ? '' : 'the package works');
`;

const CONFIG = {
    compilerOptions: {
        target: 'ES2022',
        module: 'NodeNext',
        strict: true,
        resolveJsonModule: true,
        types: ['node'],
        typeRoots: [join(home, '..', 'node_modules', '@types')],
        skipLibCheck: true, // some types of cosmjs name packages that it does not bring
        lib: ['ES2022', 'DOM'],
    },
    files: ['program.ts', 'example.ts'],
};

/** The first TypeScript block of a page. */
function exampleOf(page) {
    const found = /^```ts\n(.*?)^```$/ms.exec(readFileSync(page, 'utf8'));
    if (found === null) {
        throw new Error(`${page} has no example`);
    }
    return found[1];
}

const work = mkdtempSync(join(tmpdir(), 'plimsoll-package-'));
try {
    execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', work], {
        cwd: home,
        stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [archive] = readdirSync(work);
    const user = join(work, 'user');
    mkdirSync(user);
    writeFileSync(join(user, 'package.json'), '{"private":true,"type":"module"}\n');
    writeFileSync(join(user, 'tsconfig.json'), JSON.stringify(CONFIG));
    writeFileSync(join(user, 'program.ts'), PROGRAM);
    writeFileSync(join(user, 'example.ts'), exampleOf(join(home, 'README.md')));
    const run = (program, ...words) =>
        execFileSync(program, words, { cwd: user, encoding: 'utf8', stdio: ['ignore', 'pipe', 2] });
    run('npm', 'install', ...QUIET, '--silent', join(work, archive));
    run(process.execPath, require.resolve('typescript/bin/tsc'), '-p', '.');
    process.stdout.write(`${archive}: ${run(process.execPath, 'program.js')}`);
} catch (error) {
    console.error(error.stdout ?? error.message);
    console.error('look at: clients/cosmwasm-ts/package.json, exports and files');
    process.exitCode = 1;
} finally {
    rmSync(work, { recursive: true, force: true });
}
