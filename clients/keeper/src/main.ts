#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The keeper's command: reads the configuration, connects, runs rounds until it is told to stop.
import {
  connectWriter,
  contractInfo,
  signerFromMnemonic,
  type Writer,
} from '@plimsoll/cosmwasm';
import { parseArgs } from 'node:util';

import { backoffMs, pause } from './batch.js';
import { ConfigError, describeKeys, readConfig, readMnemonic, type Config } from './config.js';
import { Keeper } from './keeper.js';
import { makeLog, textOf, type Level, type Log } from './log.js';
import { Metrics } from './metrics.js';

const HELP = `plimsoll-keeper: finds accounts below maintenance margin and liquidates them

    plimsoll-keeper --config FILE [--once] [--dry-run]

  --config FILE   TOML, or JSON where the name ends in .json
  --once          one round over all accounts, then exit
  --dry-run       decides and logs, sends nothing
  --help          this text

The mnemonic comes from an environment variable or a file, never from the command line.
SIGINT and SIGTERM end it after the transaction under way. Exit status: 0 ended as told,
1 a round of --once failed, 2 the command or the configuration is wrong.

Keys of the configuration:
${describeKeys()}
`;

const USAGE = 2;

interface Command {
  readonly config: Config;
  readonly isOnce: boolean;
  readonly isDryRun: boolean;
}

function readCommand(): Command | undefined {
  const { values } = parseArgs({
    options: {
      'config': { type: 'string' },
      'once': { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      'help': { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return undefined;
  }
  if (values.config === undefined) {
    throw new ConfigError('--config FILE is missing; --help says more');
  }
  const config = readConfig(values.config);
  return { config, isOnce: values.once, isDryRun: values['dry-run'] };
}

async function connect(config: Config): Promise<Writer> {
  const mnemonic = readMnemonic(config, process.env);
  const signer = await signerFromMnemonic(mnemonic, config['chain.prefix']).catch(() => {
    // The reason may quote the words.
    throw new ConfigError('the mnemonic is not valid');
  });
  return connectWriter({
    rpc: config['chain.rpc'],
    contract: config['chain.contract'],
    signer,
    gasPrice: config['chain.gas_price'],
    gasAdjustment: Number(config['chain.gas_adjustment']),
    timeoutMs: config['chain.timeout_ms'],
  });
}

/** Rounds on one connection, until it breaks or the signal is given. */
async function runRounds(keeper: Keeper, command: Command, signal: AbortSignal): Promise<void> {
  do {
    await keeper.round(command.isOnce);
    if (!command.isOnce) {
      await pause(command.config['scan.poll_ms'], signal);
    }
  } while (!command.isOnce && !signal.aborted);
}

/** Connects and runs; after a failure waits longer each time and starts from the chain again. */
async function run(command: Command, log: Log, metrics: Metrics, signal: AbortSignal) {
  const { config } = command;
  for (let failures = 0; !signal.aborted;) {
    const started = Date.now();
    let writer: Writer | undefined;
    try {
      writer = await connect(config);
      const version = await checkContract(writer, config);
      const { isDryRun } = command;
      const keeper = new Keeper(config, writer, log, metrics, { isDryRun, signal });
      await keeper.checkAccount();
      // An address may hold a key of its provider: its host says enough.
      const { host } = new URL(config['chain.rpc']);
      log.info('connected', { host, sender: writer.sender, version });
      await runRounds(keeper, command, signal);
      return;
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      if (error instanceof ConfigError || command.isOnce) {
        throw error;
      }
      metrics.failures.inc();
      const wasUp = Date.now() - started > 60_000;
      failures = wasUp ? 1 : failures + 1;
      const wait = backoffMs(failures);
      log.warn('round failed', { error: textOf(error), retry_ms: wait });
      await pause(wait, signal);
    } finally {
      writer?.chain.disconnect();
    }
  }
}

/** What is at the address must be a Plimsoll contract. Returns its version. */
async function checkContract(writer: Writer, config: Config): Promise<string> {
  const info = await contractInfo(writer.chain, config['chain.contract']);
  if (info?.contract !== 'plimsoll') {
    throw new ConfigError(
      `chain.contract: is ${info?.contract ?? 'no contract that says its name'}`,
    );
  }
  return info.version;
}

async function main(): Promise<number> {
  let command: Command | undefined;
  try {
    command = readCommand();
  } catch (error) {
    process.stderr.write(`plimsoll-keeper: ${textOf(error)}\n`);
    return USAGE;
  }
  if (command === undefined) {
    return 0;
  }
  const { config } = command;
  const log = makeLog(config['log.level'] as Level, config['log.format'] as 'text' | 'json');
  const metrics = new Metrics();
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      log.info('stopping', { signal: name });
      stop.abort();
    });
  }
  try {
    if (config['metrics.port'] !== 0) {
      await metrics.listen(config['metrics.port']);
    }
    await run(command, log, metrics, stop.signal);
    log.info('stopped');
    return 0;
  } catch (error) {
    log.error('gave up', { error: textOf(error) });
    return error instanceof ConfigError ? USAGE : 1;
  } finally {
    await metrics.close();
  }
}

process.exitCode = await main();
