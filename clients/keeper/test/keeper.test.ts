// SPDX-License-Identifier: Apache-2.0
// The keeper against a contract that is played: what it reads, what it sends, what it leaves out.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  DEFAULT_FEED_PARAMS,
  DEFAULT_MARKET_PARAMS,
  ERRORS,
  Level,
  PlimsollError,
  Status,
  type ErrorSymbol,
  type ExecuteMsg,
  type Writer,
} from '@plimsoll/cosmwasm';

import { checkConfig } from '../src/config.js';
import { Keeper } from '../src/keeper.js';
import { makeLog } from '../src/log.js';
import { Metrics } from '../src/metrics.js';

const OWN = '9';
const WAD = 10n ** 18n;

interface Played {
  /** Sick accounts with the fee that a takeover of each would bring. */
  readonly fees: Map<string, bigint>;
  /** What a preview of a takeover of an account answers; OK unless named. */
  readonly refusals: Map<string, (lots: string) => ErrorSymbol>;
  /** Accounts whose takeover fails when it is sent. */
  readonly races: Set<string>;
  readonly sent: ExecuteMsg[][];
  height: number;
  reads: number;
}

const play = (fees: Record<string, bigint>): Played => ({
  fees: new Map(Object.entries(fees)),
  refusals: new Map(),
  races: new Set(),
  sent: [],
  height: 7,
  reads: 0,
});

const event = (account: string, fee: bigint, lots: string) => ({
  type: 'liquidated',
  attributes: Object.entries({
    account,
    market: '0',
    taker: OWN,
    lots,
    price: '100',
    fee_taker: fee.toString(),
    fee_insurance: '0',
    bankruptcy: '0',
  }).map(([key, value]) => ({ key, value })),
});

const decode = (message: string): ExecuteMsg =>
  JSON.parse(Buffer.from(message, 'base64').toString()) as ExecuteMsg;

function answer(played: Played, message: string): object {
  const msg = decode(message);
  if (!('liquidate' in msg)) {
    return { code: ERRORS.E_NOT_NEEDED.code, events: [], reply: null };
  }
  const { account, lots } = msg.liquidate;
  const symbol = played.refusals.get(account)?.(lots) ?? 'OK';
  const { code } = ERRORS[symbol];
  const events = code === 0 ? [event(account, played.fees.get(account) ?? 0n, lots)] : [];
  return { code, events, reply: null };
}

/** A chain with one market and one feed on which nothing moves by itself. */
function chainOf(played: Played): Writer {
  const sick = () => [...played.fees.keys()].filter((id) => played.fees.has(id));
  const leg = { market: 0, lots: '800', quote: '0', price: '100', maint: 50000 };
  const plimsoll = {
    getConfiguration: () => {
      played.reads += 1;
      const config = {
        market_count: 1,
        feed_count: 1,
        asset_count: 0,
        next_account: '70',
        epoch: '1',
      };
      return Promise.resolve({ config });
    },
    getMarket: () =>
      Promise.resolve({
        market: { feed: 0, params: DEFAULT_MARKET_PARAMS },
        state: { status: Status.ACTIVE, pauses: 0, shortfall: '0', pool: '0' },
      }),
    getFeed: () =>
      Promise.resolve({
        feed: { price_decimals: 8, params: DEFAULT_FEED_PARAMS },
        state: { price: '100', time: '990', refused: 0, gap: 0, grace_until: '0' },
      }),
    getAccounts: ({ from }: { from: string }) => {
      const first = Number(from);
      const ids = [OWN, ...sick()].filter((id) => Number(id) >= first && Number(id) < first + 32);
      const accounts = ids.map((account) => ({
        account,
        priced: 1,
        level: account === OWN ? Level.HEALTHY : Level.LIQUIDATABLE,
      }));
      return Promise.resolve({ accounts, next: '0' });
    },
    getAccount: () =>
      Promise.resolve({ account: { owner: 'h', order: [], liquidatable_since: '1' } }),
    getMargin: ({ account }: { account: string }) =>
      Promise.resolve({
        cash: '0',
        level: account === OWN ? Level.HEALTHY : Level.LIQUIDATABLE,
        equity_initial: '0',
        initial: '0',
        equity_maint: '50',
        maint: '100',
        legs: account === OWN ? [] : [leg],
        collaterals: [],
      }),
    getPreview: ({ message }: { message: string }) => Promise.resolve(answer(played, message)),
  };
  const executeMany = (instructions: readonly { msg: ExecuteMsg }[]) => {
    const messages = instructions.map(({ msg }) => msg);
    for (const [index, msg] of messages.entries()) {
      if ('liquidate' in msg && played.races.has(msg.liquidate.account)) {
        const detail = 'somebody was faster';
        return Promise.reject(new PlimsollError('E_NOT_LIQUIDATABLE', detail, index, undefined));
      }
    }
    played.sent.push(messages);
    for (const msg of messages) {
      if ('liquidate' in msg) {
        played.fees.delete(msg.liquidate.account);
      }
    }
    return Promise.resolve({
      transactionHash: 'T',
      height: played.height,
      gasUsed: 200_000n * BigInt(messages.length),
      gasWanted: 0n,
      events: [],
    });
  };
  const getBlock = () =>
    Promise.resolve({ header: { height: played.height, time: '1970-01-01T00:16:40Z' } });
  return { plimsoll, executeMany, sender: 'me', chain: { getBlock } } as unknown as Writer;
}

function keeperOf(played: Played, liquidation: Record<string, unknown> = {}, isDryRun = false) {
  const config = checkConfig({
    chain: { rpc: 'http://x', contract: 'c', gas_price: '1u' },
    account: { id: OWN },
    liquidation,
  });
  const lines: string[] = [];
  const log = makeLog('debug', 'text', (line) => lines.push(line));
  const keeper = new Keeper(config, chainOf(played), log, new Metrics(), isDryRun);
  return { keeper, lines };
}

const taken = (played: Played): string[] =>
  played.sent.flat().map((msg) => ('liquidate' in msg ? msg.liquidate.account : '?'));
const go = new AbortController().signal;

test('all sick accounts of all pages are taken over, several in a transaction', async () => {
  const played = play({ 3: WAD, 40: WAD, 65: WAD });
  const { keeper } = keeperOf(played, { max_messages: 2 });
  assert.equal(await keeper.round(true, go), 3);
  assert.deepEqual(
    played.sent.map((messages) => messages.length),
    [2, 1],
  );
  assert.deepEqual(taken(played), ['3', '40', '65']);
});

test('nothing is read twice while nothing moves', async () => {
  const played = play({});
  const { keeper } = keeperOf(played);
  await keeper.round(false, go);
  const { reads } = played;
  await keeper.round(false, go);
  assert.equal(played.reads, reads, 'the same block');
  played.height += 1;
  await keeper.round(false, go);
  assert.equal(played.reads, reads + 1, 'a new block with the same prices');
});

test('what does not pay for its gas waits', async () => {
  const played = play({ 3: WAD, 4: 3n * WAD });
  // 200 000 gas at 1u, 0.00001 each: 2 quote units.
  const { keeper, lines } = keeperOf(played, { gas_coin_price: '0.00001', gas_estimate: 200_000 });
  await keeper.round(true, go);
  assert.deepEqual(taken(played), ['4']);
  assert.ok(lines.some((line) => /does not pay .*account=3 .*gain=1 cost=2/.test(line)));
});

test('a dry run sends nothing', async () => {
  const played = play({ 3: WAD });
  const { keeper, lines } = keeperOf(played, {}, true);
  assert.equal(await keeper.round(true, go), 0);
  assert.deepEqual(played.sent, []);
  assert.ok(lines.some((line) => /would do .*account=3/.test(line)));
});

test('a message that is refused leaves the others in', async () => {
  const played = play({ 3: WAD, 4: WAD, 5: WAD });
  played.races.add('4');
  played.refusals.set('4', () => (played.sent.length > 0 ? 'E_NOT_LIQUIDATABLE' : 'OK'));
  const { keeper, lines } = keeperOf(played);
  assert.equal(await keeper.round(true, go), 2);
  assert.deepEqual(taken(played), ['3', '5']);
  assert.ok(lines.some((line) => /refused .*account=4 code=E_NOT_LIQUIDATABLE/.test(line)));
});

test("a takeover beyond the keeper's margin is halved until it fits", async () => {
  const played = play({ 3: WAD });
  played.refusals.set('3', (lots) =>
    lots === '0' || Number(lots) > 100 ? 'E_BELOW_INITIAL' : 'OK',
  );
  const { keeper } = keeperOf(played);
  await keeper.round(true, go);
  assert.deepEqual(played.sent, [
    [{ liquidate: { account: '3', market: 0, taker: OWN, lots: '100', limit: '0' } }],
  ]);
});

test('it stops between transactions when it is told', async () => {
  const stop = new AbortController();
  stop.abort();
  const played = play({ 3: WAD });
  const { keeper } = keeperOf(played);
  assert.equal(await keeper.round(true, stop.signal), 0);
  assert.deepEqual(played.sent, []);
});

test("an account that is not the signer's is refused at the start", async () => {
  const played = play({});
  const { keeper } = keeperOf(played);
  await keeper.checkAccount();
  const writer = chainOf(played);
  Object.assign(writer.plimsoll, {
    getPreview: () => Promise.resolve({ code: ERRORS.E_AUTH.code, events: [], reply: null }),
  });
  const config = checkConfig({
    chain: { rpc: 'http://x', contract: 'c', gas_price: '1u' },
    account: { id: OWN },
  });
  const log = makeLog('error', 'json', () => undefined);
  const other = new Keeper(config, writer, log, new Metrics(), false);
  await assert.rejects(other.checkAccount(), { symbol: 'E_AUTH' });
});
