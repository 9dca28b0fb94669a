// SPDX-License-Identifier: Apache-2.0
// Runs docs/DEPLOY-COSMWASM.md: every block of commands in order, in one shell, on a network of
// one validator. A block of another language that begins with a comment `// NAME` or `# NAME` is
// written to that file. The block `sh values` is replaced by the network's values.
import { execFileSync, spawn } from 'node:child_process';
import {
    existsSync,
    mkdirSync,
    openSync,
    readFileSync,
    rmSync,
    writeFileSync,
    writeSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startNetwork } from './network.mjs';
import { root } from './packages.mjs';

const PAGE = fileURLToPath(new URL('docs/DEPLOY-COSMWASM.md', root));
const KEYS = ['admin', 'oracle', 'alice', 'bob', 'keeper'];
/** Names on the page, and who that is on the test network. */
const OTHERS = { matcher: 'grace' };
const MARK = '@@block';

function readArguments() {
    const file = { type: 'string' };
    const { values } = parseArgs({
        options: {
            network: file,
            wasmd: file,
            contract: file,
            next: file,
            dir: file,
            cw20: file,
            hostile: file,
            ports: { type: 'string', default: '27000' },
        },
    });
    for (const name of ['network', 'wasmd', 'contract', 'dir']) {
        if (values[name] === undefined) {
            console.error(
                `--${name} is missing: the page needs --network, --wasmd, --contract, --dir`,
            );
            process.exit(2);
        }
        values[name] = resolve(values[name]);
    }
    values.next ??= join(dirname(values.contract), 'plimsoll_cosmwasm_next.wasm');
    return values;
}

/** The code blocks of the page with the line where each begins. */
function blocksOf(text) {
    const blocks = [];
    let open;
    for (const [index, line] of text.split('\n').entries()) {
        if (open === undefined && line.startsWith('```')) {
            const [language, note = ''] = line.slice(3).split(' ');
            open = { language, note, line: index + 1, lines: [] };
        } else if (line === '```') {
            blocks.push({ ...open, text: `${open.lines.join('\n')}\n` });
            open = undefined;
        } else {
            open?.lines.push(line);
        }
    }
    return blocks;
}

/** What the first block of the page sets. */
function valuesFor(network, options) {
    const words = (name) => network.account(name).mnemonic;
    return {
        PLIMSOLL: fileURLToPath(root).replace(/\/$/, ''),
        ARTIFACT: options.contract,
        NEXT_ARTIFACT: existsSync(options.next) ? resolve(options.next) : options.contract,
        CHAIN_ID: network.chain_id,
        NODE: network.rpc,
        GAS_PRICE: network.gas_price,
        KEYRING: 'test',
        PREFIX: network.prefix,
        GOV_ACCOUNT: network.gov_account,
        GOV_DEPOSIT: `1000000${network.fee_denom}`,
        VOTER: 'validator',
        VOTING_SECONDS: `${network.voting_period_s}`,
        ADMIN_MNEMONIC: words('admin'),
        PLIMSOLL_KEEPER_MNEMONIC: words('keeper'),
    };
}

function addKeys(network, wasmd, environment) {
    const add = (name, mnemonic) =>
        execFileSync(wasmd, ['keys', 'add', name, '--recover', '--keyring-backend', 'test'], {
            input: `${mnemonic}\n`,
            env: environment,
            stdio: ['pipe', 'ignore', 'pipe'],
        });
    for (const name of KEYS) {
        add(name, network.account(name).mnemonic);
    }
    for (const [name, who] of Object.entries(OTHERS)) {
        add(name, network.account(who).mnemonic);
    }
    add('validator', network.validators[0].mnemonic);
}

/** The page must set exactly what the test replaces. */
function checkValues(block, values) {
    const named = [...block.text.matchAll(/^export (\w+)=/gm)].map(([, name]) => name);
    const missing = named.filter((name) => !(name in values));
    const unused = Object.keys(values).filter((name) => !named.includes(name));
    if (missing.length + unused.length > 0) {
        throw new Error(`line ${block.line}: the page and the test differ in ${missing}${unused}`);
    }
}

/** One script of all blocks that says which one it has reached. */
function compose(blocks, values, folder) {
    const script = ['set -euo pipefail'];
    let commands = 0;
    for (const block of blocks) {
        const name = /^(?:\/\/|#) (\S+\.\w+)$/m.exec(block.lines[0] ?? '')?.[1];
        if (block.language === 'sh' && block.note === 'values') {
            checkValues(block, values);
        } else if (block.language === 'sh') {
            script.push(`echo "${MARK} ${block.line}"`, block.text);
            commands += 1;
        } else if (name !== undefined) {
            writeFileSync(join(folder, name), block.text);
        } else {
            throw new Error(
                `line ${block.line}: a block of ${block.language} without a file's name`,
            );
        }
    }
    script.push(`echo "${MARK} end"`);
    return { script: script.join('\n'), commands };
}

/** Runs the script, printing a line a block; resolves with the exit status and the last block. */
async function runScript(path, folder, environment) {
    const log = openSync(`${path}.log`, 'w');
    const child = spawn('bash', [path], {
        cwd: folder,
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
    });
    const state = { at: '', output: '', errors: '', began: Date.now() };
    const next = (line) => {
        if (state.at !== '') {
            const seconds = ((Date.now() - state.began) / 1000).toFixed(1);
            console.log(`ok ${seconds.padStart(6)} s  the block at line ${state.at}`);
        }
        Object.assign(state, { at: line, output: '', errors: '', began: Date.now() });
    };
    child.stderr.on('data', (data) => {
        state.errors += data;
    });
    let rest = '';
    child.stdout.on('data', (data) => {
        const lines = (rest + data).split('\n');
        rest = lines.pop();
        for (const line of lines) {
            writeSync(log, `${line}\n`);
            if (line.startsWith(MARK)) {
                next(line.slice(MARK.length + 1));
            } else {
                state.output += `${line}\n`;
            }
        }
    });
    const status = await new Promise((done) => child.once('close', done));
    return { status, ...state };
}

/** The PATH with which the clients are built: its node and npm fit together. */
function pathWithNpm() {
    const build = fileURLToPath(new URL('clients/build.sh', root));
    return execFileSync(build, ['printenv', 'PATH'], { encoding: 'utf8' }).trim();
}

async function main() {
    const options = readArguments();
    const began = Date.now();
    rmSync(options.dir, { recursive: true, force: true });
    const folder = join(options.dir, 'work');
    const home = join(options.dir, 'home');
    mkdirSync(folder, { recursive: true });
    mkdirSync(home, { recursive: true });
    let network;
    try {
        network = await startNetwork({
            control: options.network,
            wasmd: options.wasmd,
            dir: join(options.dir, 'network'),
            validators: 1,
            ports: Number(options.ports),
        });
        const values = valuesFor(network, options);
        const environment = {
            ...process.env,
            ...values,
            HOME: home,
            XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
            npm_config_cache: process.env.npm_config_cache ?? join(homedir(), '.npm'),
            npm_config_prefer_offline: 'true',
            PATH: [dirname(options.wasmd), pathWithNpm()].join(delimiter),
        };
        addKeys(network, options.wasmd, environment);
        const blocks = blocksOf(readFileSync(PAGE, 'utf8'));
        const { script, commands } = compose(blocks, values, folder);
        const path = join(options.dir, 'page.sh');
        writeFileSync(path, `${script}\n`);
        const { status, at, output, errors } = await runScript(path, folder, environment);
        if (status !== 0) {
            console.error(`FAILED: docs/DEPLOY-COSMWASM.md, the block at line ${at}`);
            console.error(`${output}${errors}`);
            console.error(
                `look at: ${path} and its .log, ${folder}, ${options.dir}/network/node0.log`,
            );
            process.exitCode = 1;
        } else {
            console.log(`${commands} blocks in ${((Date.now() - began) / 1000).toFixed(1)} s`);
        }
    } finally {
        await network?.stop();
    }
    process.exit(process.exitCode ?? 0);
}

await main();
