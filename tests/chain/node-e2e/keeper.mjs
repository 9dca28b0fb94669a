// SPDX-License-Identifier: Apache-2.0
// The real keeper as a process of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { root } from './packages.mjs';

const PROGRAM = fileURLToPath(new URL('clients/keeper/build/src/main.js', root));
const ENDS_MS = 20_000;
const ONCE_MS = 120_000;

const running = new Set();

export class KeeperProcess {
    /** After a failure: none outlives the test. */
    static killAll() {
        for (const child of running) {
            child.kill('SIGKILL');
        }
    }

    constructor({ dir, rpc, contract, account, mnemonic, gasPrice, port }) {
        this.log = join(dir, 'keeper.log');
        this.config = join(dir, 'keeper.toml');
        this.port = port;
        this.mnemonic = mnemonic;
        writeFileSync(
            this.config,
            `# Written by the test.
[chain]
rpc = "${rpc}"
contract = "${contract}"
gas_price = "${gasPrice}"

[account]
id = "${account}"

[scan]
poll_ms = 300
full_seconds = 2

[log]
level = "debug"
format = "json"

[metrics]
port = ${port}
`,
        );
    }

    start(...more) {
        const out = openSync(this.log, 'a');
        this.child = spawn(process.execPath, [PROGRAM, '--config', this.config, ...more], {
            stdio: ['ignore', out, out],
            env: { ...process.env, PLIMSOLL_KEEPER_MNEMONIC: this.mnemonic },
        });
        this.ended = new Promise((resolve) => {
            this.child.once('exit', (code, signal) => {
                running.delete(this.child);
                resolve(signal ?? code);
            });
        });
        running.add(this.child);
    }

    /** Runs once to its end. */
    async once(...more) {
        this.start('--once', ...more);
        const timer = setTimeout(() => this.child.kill('SIGKILL'), ONCE_MS);
        const how = await this.ended;
        clearTimeout(timer);
        assert.equal(how, 0, `the keeper ended with ${how}: see ${this.log}`);
    }

    /** Ends it as an operator would; it must end by itself, with status 0. */
    async stop() {
        const timer = setTimeout(() => this.child.kill('SIGKILL'), ENDS_MS);
        this.child.kill('SIGTERM');
        const how = await this.ended;
        clearTimeout(timer);
        assert.equal(how, 0, `the keeper ended with ${how}: see ${this.log}`);
    }

    /** Its lines of one message; what Node says by itself is none. */
    lines(message) {
        return readFileSync(this.log, 'utf8')
            .split('\n')
            .filter((line) => line.startsWith('{'))
            .map((line) => JSON.parse(line))
            .filter((line) => line.message === message);
    }

    async metric(name) {
        const response = await fetch(`http://127.0.0.1:${this.port}/metrics`);
        const line = (await response.text()).split('\n').find((one) => one.startsWith(name));
        return line === undefined ? undefined : Number(line.split(' ').at(-1));
    }
}
