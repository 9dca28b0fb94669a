// SPDX-License-Identifier: Apache-2.0
// What the tests print: one line a step, the seconds of each phase, gas of every operation; after a
// failure, what to look at.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';

import { plimsoll } from './packages.mjs';

const LOG_LINES = 5;

const seconds = (ms) => (ms / 1000).toFixed(1);

export class Report {
    constructor() {
        this.phases = [];
        this.gas = new Map();
        this.steps = 0;
        this.began = Date.now();
    }

    /** Runs a part of the test and keeps how long it took. */
    async phase(name, work) {
        const began = Date.now();
        console.log(`# ${name}`);
        const result = await work();
        this.phases.push({ name, seconds: seconds(Date.now() - began) });
        return result;
    }

    /** Runs a step; its result may be a text to show. */
    async step(name, work) {
        const began = Date.now();
        this.current = name;
        const result = await work();
        this.steps += 1;
        const shown = typeof result === 'string' ? ` (${result})` : '';
        console.log(`ok ${seconds(Date.now() - began).padStart(6)} s  ${name}${shown}`);
        return result;
    }

    /** A step that the contract must refuse with a code. */
    async refused(name, symbol, work) {
        await this.step(`${name}: ${symbol}`, async () => {
            await assert.rejects(work, (error) => {
                if (!(error instanceof plimsoll.PlimsollError)) {
                    throw error;
                }
                assert.equal(error.symbol, symbol, error.message);
                return true;
            });
        });
    }

    /** Keeps the gas that an operation used on the chain. */
    used(operation, gas) {
        const seen = this.gas.get(operation) ?? [];
        seen.push(Number(gas));
        this.gas.set(operation, seen);
    }

    gasTable() {
        return [...this.gas]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([operation, seen]) => {
                const sorted = [...seen].sort((a, b) => a - b);
                return {
                    operation,
                    count: sorted.length,
                    least: sorted[0],
                    median: sorted[Math.floor(sorted.length / 2)],
                    most: sorted.at(-1),
                };
            });
    }

    /** Prints and writes the summary. */
    finish(path, facts) {
        const table = this.gasTable();
        console.log('# gas used on the chain');
        for (const { operation, count, least, median, most } of table) {
            console.log(
                `${operation.padEnd(24)} ${String(count).padStart(4)} times, ` +
                    `${least} / ${median} / ${most}`,
            );
        }
        console.log('# wall seconds');
        for (const { name, seconds: taken } of this.phases) {
            console.log(`${taken.padStart(8)}  ${name}`);
        }
        const total = seconds(Date.now() - this.began);
        console.log(`${total.padStart(8)}  in all, ${this.steps} steps`);
        const summary = {
            ...facts,
            steps: this.steps,
            seconds: total,
            phases: this.phases,
            gas: table,
        };
        writeFileSync(path, `${JSON.stringify(summary, null, 1)}\n`);
        console.log(`# written to ${path}`);
    }

    /** Says what failed and where to look. */
    fail(error, network, look) {
        const hash = error.transactionHash ?? /\b[0-9A-F]{64}\b/.exec(String(error.message))?.[0];
        console.error(`FAILED: ${this.current ?? 'before the first step'}`);
        console.error(error.stack ?? error);
        if (hash !== undefined) {
            console.error(`look at: transaction ${hash}, while the network runs:`);
            console.error(`    wasmd query tx ${hash} --node ${network?.rpc ?? 'RPC'}`);
        }
        for (const line of look) {
            console.error(`look at: ${line}`);
        }
        if (network !== undefined) {
            console.error(network.lastLines(LOG_LINES));
        }
    }
}
