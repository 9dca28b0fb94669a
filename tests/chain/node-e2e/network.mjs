// SPDX-License-Identifier: Apache-2.0
// A network of wasmd validators, by the control program of tests/chain/wasmd.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { stargate } from './packages.mjs';

/** Four validators wait for one another, each up to two minutes. */
const READY_MS = 600_000;

/** A node simulates transactions only where it also serves gRPC; any port of this machine does. */
const SIMULATIONS = { WASMD_GRPC_ENABLE: 'true', WASMD_GRPC_ADDRESS: '127.0.0.1:0' };

/** Starts a network; it ends when this process ends, however that happens. */
export async function startNetwork({ control, wasmd, dir, validators, ports }) {
    const child = spawn(
        control,
        [
            'up',
            '--wasmd',
            wasmd,
            '--dir',
            dir,
            '--validators',
            `${validators}`,
            '--ports',
            `${ports}`,
            '--until-stdin-ends',
        ],
        { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...SIMULATIONS } },
    );
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const first = new Promise((resolve) => createInterface(child.stdout).once('line', resolve));
    const timer = setTimeout(() => child.kill('SIGKILL'), READY_MS);
    const line = await Promise.race([first, ended.then(() => undefined)]);
    clearTimeout(timer);
    if (line === undefined) {
        throw new Error(`the network did not start: see the logs in ${dir}`);
    }
    return new Network(JSON.parse(line), control, child, ended);
}

class Network {
    constructor(description, control, child, ended) {
        Object.assign(this, description);
        this.program = control;
        this.child = child;
        this.ended = ended;
    }

    get rpc() {
        return this.validators[0].rpc;
    }

    account(name) {
        return this.accounts.find((account) => account.name === name);
    }

    /** What gas costs here. */
    fee(gas) {
        return stargate.calculateFee(gas, this.gas_price);
    }

    ask(...words) {
        const text = execFileSync(this.program, [...words, '--dir', this.dir], {
            encoding: 'utf8',
        });
        return JSON.parse(text).nodes;
    }

    kill(number) {
        return this.ask('kill', `${number}`);
    }

    /** Starts a validator again and waits until it has caught up. */
    start(number) {
        return this.ask('start', `${number}`);
    }

    status() {
        return this.ask('status');
    }

    async stop() {
        this.child.stdin.end();
        await this.ended;
    }

    /** The last lines of every validator's log. */
    lastLines(count) {
        return this.validators
            .map(({ name, log }) => {
                const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-count);
                return `--- ${name}: ${log}\n${lines.join('\n')}`;
            })
            .join('\n');
    }
}

/** One answer of a node's RPC. */
export async function rpcCall(rpc, path) {
    const response = await fetch(`${rpc}/${path}`);
    const { result, error } = await response.json();
    if (error) {
        throw new Error(`${path}: ${error.message} ${error.data ?? ''}`);
    }
    return result;
}
