// SPDX-License-Identifier: Apache-2.0
// Writes src/generated from schema/plimsoll.json and abi/plm_abi.json.
//
//     node scripts/generate.mjs           writes
//     node scripts/generate.mjs --check   compares; exit status 1 and a list when a file is stale
//
// The client is what @cosmwasm/ts-codegen makes of the schema. Its output is written for another
// client library and for bundlers; the substitutions below turn it into strict ECMAScript modules
// on cosmjs. Each says how often it must match, so that a new version of the generator that writes
// something else fails here and not at a user's.
import codegen from '@cosmwasm/ts-codegen';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { abiModule } from './abi_module.mjs';

const home = join(dirname(fileURLToPath(import.meta.url)), '..');
const generated = join(home, 'src', 'generated');
const SPDX = '// SPDX-License-Identifier: Apache-2.0\n';

/** [pattern, replacement, least number of matches]. */
const ESM_TYPES = [
    /^import \{ (.*) \} from "\.\/Plimsoll\.types";$/m,
    'import type { $1 } from "./Plimsoll.types.js";',
    1,
];
const SUBSTITUTIONS = {
    'Plimsoll.types.ts': [],
    'Plimsoll.client.ts': [
        ESM_TYPES,
        [
            /^import \{ (ICosmWasmClient, ISigningCosmWasmClient) \} from "\.\/baseClient";$/m,
            'import type { ExecuteResult, $1 } from "../transport.js";',
            1,
        ],
        [
            /^import \{ Coin, StdFee \} from "@interchainjs\/types";$/m,
            'import type { Coin, StdFee } from "@cosmjs/amino";',
            1,
        ],
        [/Promise<any>/g, 'Promise<ExecuteResult>', 2],
    ],
    'Plimsoll.message-composer.ts': [
        ESM_TYPES,
        [
            /^import \{ Coin \} from "@interchainjs\/types";$/m,
            'import type { Coin } from "@cosmjs/amino";',
            1,
        ],
        [
            /^import \{ EncodeObject \} from "@interchainjs\/cosmos-types";$/m,
            'import type { EncodeObject } from "@cosmjs/proto-signing";',
            1,
        ],
        [
            /^import \{ MsgExecuteContract \} from "interchainjs\/cosmwasm\/wasm\/v1\/tx";$/m,
            'import { MsgExecuteContract } from "cosmjs-types/cosmwasm/wasm/v1/tx.js";',
            1,
        ],
        [
            /^import \{ toUtf8 \} from "@interchainjs\/encoding";$/m,
            'import { toUtf8 } from "@cosmjs/encoding";',
            1,
        ],
        // An optional list that is absent is an empty one.
        [/funds: funds_$/gm, 'funds: funds_ ?? []', 2],
    ],
};

function substitute(name, text) {
    let result = text;
    for (const [pattern, replacement, least] of SUBSTITUTIONS[name]) {
        const found = result.match(
            new RegExp(pattern.source, [...new Set(pattern.flags + 'g')].join('')),
        );
        if ((found ?? []).length < least) {
            throw new Error(
                `${name}: the generator no longer writes ${pattern}; see scripts/generate.mjs`,
            );
        }
        result = result.replace(pattern, replacement);
    }
    if (/interchainjs|chain-registry|baseClient/.test(result)) {
        throw new Error(`${name}: names another client library; see scripts/generate.mjs`);
    }
    return `${SPDX}${result.trimEnd()}\n`;
}

/** Runs the generator in a folder of its own and returns file name to text. */
async function generate() {
    const work = mkdtempSync(join(tmpdir(), 'plimsoll-codegen-'));
    try {
        const schemas = join(work, 'schema');
        mkdirSync(schemas);
        const idl = readFileSync(join(home, 'schema', 'plimsoll.json'), 'utf8');
        writeFileSync(join(schemas, 'plimsoll.json'), idl);
        const out = join(work, 'out');
        await codegen.default({
            contracts: [{ name: 'Plimsoll', dir: schemas }],
            outPath: out,
            options: {
                bundle: { enabled: false },
                types: { enabled: true },
                client: { enabled: true, noImplicitOverride: true },
                messageComposer: { enabled: true },
                messageBuilder: { enabled: false },
                useContractsHook: { enabled: false },
            },
        });
        const files = new Map();
        for (const name of Object.keys(SUBSTITUTIONS)) {
            files.set(name, substitute(name, readFileSync(join(out, name), 'utf8')));
        }
        const abi = JSON.parse(readFileSync(join(home, '..', '..', 'abi', 'plm_abi.json'), 'utf8'));
        files.set('abi.ts', SPDX + abiModule(abi, JSON.parse(idl).contract_version));
        return files;
    } finally {
        rmSync(work, { recursive: true, force: true });
    }
}

function check(files) {
    const stale = [];
    const present = readdirSync(generated);
    for (const [name, text] of files) {
        const path = join(generated, name);
        if (!present.includes(name) || readFileSync(path, 'utf8') !== text) {
            stale.push(name);
        }
    }
    const unknown = present.filter((name) => !files.has(name));
    for (const name of [...stale, ...unknown]) {
        console.error(`clients/cosmwasm-ts/src/generated/${name}: stale`);
    }
    if (stale.length + unknown.length > 0) {
        console.error(
            'run: npm run generate -w cosmwasm-ts   (in clients/), and commit the result',
        );
        process.exitCode = 1;
    }
}

const files = await generate();
if (process.argv.includes('--check')) {
    check(files);
} else {
    mkdirSync(generated, { recursive: true });
    for (const [name, text] of files) {
        writeFileSync(join(generated, name), text);
    }
}
