// SPDX-License-Identifier: Apache-2.0
// The contract on a real chain, driven by the generated client; see README.md.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import * as attacks from './attacks.mjs';
import { checkBalances } from './chain_state.mjs';
import { KeeperProcess } from './keeper.mjs';
import { Exchange } from './market.mjs';
import { startNetwork } from './network.mjs';
import { recordCalls } from './record.mjs';
import { Report } from './report.mjs';
import * as story from './story.mjs';

const USAGE = `node run.mjs --network FILE --wasmd FILE --cw20 FILE --hostile FILE --contract FILE
             --plimsoll FILE --dir FOLDER [--next FILE] [--validators 1|4] [--ports N]

  --network, --wasmd  the programs of tests/chain/wasmd
  --cw20, --hostile   cw20_base.wasm and hostile_token.wasm
  --contract, --next  the artifact and its second version; plimsoll_cosmwasm_next.wasm beside the
                      first unless told
  --plimsoll          the simulator, for the replay
  --dir FOLDER        logs, the calls file, the summary: made anew
  --validators N      how many validators, 4 unless told
  --ports N           first port, 27000 unless told
`;

const FILES = ['network', 'wasmd', 'cw20', 'hostile', 'contract', 'plimsoll', 'next'];

function readArguments() {
    const file = { type: 'string' };
    const { values } = parseArgs({
        options: {
            network: file,
            wasmd: file,
            cw20: file,
            hostile: file,
            contract: file,
            plimsoll: file,
            next: file,
            dir: { type: 'string' },
            validators: { type: 'string', default: '4' },
            ports: { type: 'string', default: '27000' },
            help: { type: 'boolean', default: false },
        },
    });
    if (values.help) {
        process.stdout.write(USAGE);
        process.exit(0);
    }
    values.next ??= join(dirname(values.contract ?? ''), 'plimsoll_cosmwasm_next.wasm');
    const files = {};
    for (const name of FILES) {
        if (values[name] === undefined || !existsSync(values[name])) {
            console.error(`--${name}: ${values[name] ?? 'is missing'}: build it first\n${USAGE}`);
            process.exit(2);
        }
        files[name] = resolve(values[name]);
    }
    if (values.dir === undefined) {
        console.error(`--dir is missing\n${USAGE}`);
        process.exit(2);
    }
    const out = resolve(values.dir);
    return { files, out, validators: Number(values.validators), ports: Number(values.ports) };
}

/** Everything that happens on the chain. */
async function play(x, report, network, options) {
    const isAlone = network.validators.length === 1;
    const victim = network.validators.length - 1;
    const served = isAlone ? 0 : 1; // whom the keeper asks
    await report.phase('deploy', async () => {
        await x.upload();
        await x.createTokens();
        await x.instantiate();
        await x.list();
    });
    await report.phase('fund and trade', async () => {
        await story.fundAccounts(x);
        await story.trade(x);
    });
    const keeper = new KeeperProcess({
        dir: options.out,
        rpc: network.validators[served].rpc,
        contract: x.contract,
        account: x.ids.keeper,
        mnemonic: network.account('keeper').mnemonic,
        gasPrice: network.gas_price,
        port: options.ports + 9,
    });
    await report.phase('crash, with a validator killed', async () => {
        if (!isAlone) {
            await story.killValidator(x, victim);
        }
        await story.crash(x, keeper);
        if (isAlone) {
            await story.killValidator(x, victim);
        }
        await story.restartValidator(x, victim);
        if (!isAlone) {
            await story.killKeepersNode(x, served, keeper);
        }
        await story.collect(x, keeper);
    });
    await report.phase('bankruptcy', () => story.bankruptcy(x, keeper));
    await report.phase('withdraw, administer, vote', async () => {
        await story.withdraw(x);
        await story.administer(x);
        await story.governance(x);
    });
    await report.phase('migrate and read', async () => {
        await story.migrate(x);
        await story.readAll(x);
    });
    await report.phase('attacks', async () => {
        await attacks.forgedTokens(x);
        await attacks.unlistedCoin(x);
        await attacks.amounts(x);
        await attacks.replays(x);
        await attacks.strangers(x);
        await attacks.queries(x);
        await attacks.hostileToken(x);
        await attacks.longMessages(x);
        await attacks.lookalikes(x);
    });
}

/** The chain is what the engines say, and so is every balance. */
async function judge(x, report, network, files, out) {
    const path = join(out, 'calls.jsonl');
    const recorded = await report.step('every call of the chain is recorded', async () =>
        recordCalls({ rpc: network.rpc, contract: x.contract, name: 'node-e2e', path }),
    );
    const { calls, refused, none, keys, blocks, state } = recorded;
    console.log(
        `         ${calls} calls, ${refused} refused, ${none} without a form, ` +
            `${keys} keys, ${blocks} blocks, state ${state.slice(0, 16)}`,
    );
    await report.step('the simulator replays them and reaches the same state', () =>
        execFileSync(files.plimsoll, ['replay', path], { encoding: 'utf8' }).trim(),
    );
    await report.step('all validators have the same app hash', () => story.sameHashes(x));
    await report.step('every token balance adds up', () =>
        checkBalances(x.reader.chain, x.contract, [x.hostile]),
    );
    return recorded;
}

async function main() {
    const options = readArguments();
    const { files } = options;
    const report = new Report();
    rmSync(options.out, { recursive: true, force: true });
    mkdirSync(options.out, { recursive: true });
    const dir = join(options.out, 'network');
    let network;
    try {
        network = await report.phase('network', () =>
            startNetwork({
                control: files.network,
                wasmd: files.wasmd,
                dir,
                validators: options.validators,
                ports: options.ports,
            }),
        );
        console.log(
            `ok ${network.validators.length} validators, ready in ${network.ready_after_ms} ms`,
        );
        const x = new Exchange(network, report, files);
        await play(x, report, network, options);
        const recorded = await report.phase('replay and balances', () =>
            judge(x, report, network, files, options.out),
        );
        report.finish(join(options.out, 'summary.json'), {
            validators: network.validators.length,
            contract: x.contract,
            ...recorded,
        });
    } catch (error) {
        process.exitCode = 1;
        report.fail(error, network, [
            `logs of the validators: ${dir}/node*.log; of the keeper: ${options.out}/keeper.log`,
            `again: node tests/chain/node-e2e/run.mjs ${process.argv.slice(2).join(' ')}`,
        ]);
    } finally {
        KeeperProcess.killAll();
        await network?.stop();
    }
    process.exit(process.exitCode ?? 0);
}

await main();
