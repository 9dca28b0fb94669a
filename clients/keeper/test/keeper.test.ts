// SPDX-License-Identifier: Apache-2.0
// The keeper against a contract that is played: what it reads, what it sends, what it leaves out.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  ABORTED,
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
/** A price of one quote unit a lot. */
const PRICE = WAD;

interface Played {
  /** Sick accounts with the fee that a takeover of each would bring. */
  readonly fees: Map<string, bigint>;
  /** What a preview of a takeover of an account answers; OK unless named. */
  readonly refusals: Map<string, (lots: string) => ErrorSymbol>;
  /** Accounts whose takeover fails when it is sent, and how. */
  readonly faults: Map<string, (index: number) => Error>;
  /** Sick accounts whose level the page does not show. */
  readonly unpriced: Set<string>;
  /** Accounts in good health, with the quote of their closed position. */
  readonly others: Map<string, string>;
  /** Reads that fail, by what is read: a page from 1 to 32 is 'page 1 32'. */
  readonly broken: Map<string, Error>;
  readonly market: Record<string, unknown>;
  readonly sent: ExecuteMsg[][];
  /** Accounts that were opened, in order; 'sent' between them. */
  readonly opened: string[];
  height: number;
  reads: number;
  passes: number;
}

const play = (fees: Record<string, bigint>): Played => ({
  fees: new Map(Object.entries(fees)),
  refusals: new Map(),
  faults: new Map(),
  unpriced: new Set(),
  others: new Map([[OWN, '0']]),
  broken: new Map(),
  market: {},
  sent: [],
  opened: [],
  height: 7,
  reads: 0,
  passes: 0,
});

const event = (account: string, fee: bigint, lots: string) => ({
  type: 'liquidated',
  attributes: Object.entries({
    account,
    market: '0',
    taker: OWN,
    lots: lots === '0' ? '800' : lots,
    price: PRICE.toString(),
    fee_taker: fee.toString(),
    fee_insurance: '0',
    bankruptcy: '0',
  }).map(([key, value]) => ({ key, value })),
});

const decode = (message: string): ExecuteMsg =>
  JSON.parse(Buffer.from(message, 'base64').toString()) as ExecuteMsg;

function answer(played: Played, message: string): object {
  const msg = decode(message);
  if ('settle' in msg) {
    return { code: 0, events: [], reply: null };
  }
  if (!('liquidate' in msg)) {
    return { code: ERRORS.E_NOT_NEEDED.code, events: [], reply: null };
  }
  const { account, lots } = msg.liquidate;
  const symbol = played.refusals.get(account)?.(lots) ?? 'OK';
  const { code } = ERRORS[symbol];
  const events = code === 0 ? [event(account, played.fees.get(account) ?? 0n, lots)] : [];
  return { code, events, reply: null };
}

/** The queries of a contract with one market and one feed on which nothing moves by itself. */
function contractOf(played: Played) {
  const leg = { market: 0, lots: '800', quote: '0', price: PRICE.toString(), maint: 50000 };
  const isSick = (id: string) => played.fees.has(id);
  const level = (id: string) => (isSick(id) ? Level.LIQUIDATABLE : Level.HEALTHY);
  const read = <T>(what: string, found: T): Promise<T> => {
    const error = played.broken.get(what);
    return error === undefined ? Promise.resolve(found) : Promise.reject(error);
  };
  const getConfiguration = () => {
    played.reads += 1;
    const config = { market_count: 1, feed_count: 1, asset_count: 0, next_account: '70' };
    return Promise.resolve({ config: { ...config, epoch: '1' } });
  };
  const getMarket = () => {
    const state = { status: Status.ACTIVE, pauses: 0, shortfall: '0', pool: '0', ...played.market };
    return Promise.resolve({ market: { feed: 0, params: DEFAULT_MARKET_PARAMS }, state });
  };
  const getFeed = () =>
    Promise.resolve({
      feed: { price_decimals: 8, params: DEFAULT_FEED_PARAMS },
      state: { price: '100', time: '990', refused: 0, gap: 0, grace_until: '0' },
    });
  const getAccounts = ({ from, limit }: { from: string; limit: number }) => {
    played.passes += from === '1' ? 1 : 0;
    const first = Number(from);
    const accounts = [...played.others.keys(), ...played.fees.keys()]
      .filter((id) => Number(id) >= first && Number(id) < first + limit)
      .map((account) =>
        played.unpriced.has(account)
          ? { account, priced: 0, level: 0, equity_maint: '0', maint: '0' }
          : { account, priced: 1, level: level(account), equity_maint: '50', maint: '100' },
      );
    return read(`page ${from} ${limit}`, { accounts, next: '0' });
  };
  const getAccount = ({ account }: { account: string }) =>
    read(`account ${account}`, {
      account: { owner: 'h', order: [], liquidatable_since: '1' },
    });
  const getMargin = ({ account }: { account: string }) => {
    played.opened.push(account);
    const quote = played.others.get(account) ?? '0';
    const closed = quote === '0' ? [] : [{ ...leg, lots: '0', quote }];
    return Promise.resolve({
      cash: '0',
      level: level(account),
      equity_initial: '0',
      initial: '0',
      equity_maint: '50',
      maint: '100',
      legs: isSick(account) ? [leg] : closed,
      collaterals: [],
    });
  };
  const getPreview = ({ message }: { message: string }) =>
    Promise.resolve(answer(played, message));
  return {
    getConfiguration,
    getMarket,
    getFeed,
    getAccounts,
    getAccount,
    getMargin,
    getPreview,
  };
}

function chainOf(played: Played): Writer {
  const executeMany = (instructions: readonly { msg: ExecuteMsg }[]) => {
    const messages = instructions.map(({ msg }) => msg);
    for (const [index, msg] of messages.entries()) {
      const fault = 'liquidate' in msg ? played.faults.get(msg.liquidate.account) : undefined;
      if (fault !== undefined) {
        return Promise.reject(fault(index));
      }
    }
    played.sent.push(messages);
    played.opened.push('sent');
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
  const plimsoll = contractOf(played);
  return { plimsoll, executeMany, sender: 'me', chain: { getBlock } } as unknown as Writer;
}

function keeperOf(
  played: Played,
  liquidation: Record<string, unknown> = {},
  mode: { isDryRun?: boolean; signal?: AbortSignal; writer?: Writer } = {},
) {
  const config = checkConfig({
    chain: { rpc: 'http://x', contract: 'c', gas_price: '1u' },
    account: { id: OWN },
    liquidation,
  });
  const lines: string[] = [];
  const log = makeLog('debug', 'text', (line) => lines.push(line));
  const { isDryRun = false, signal = new AbortController().signal } = mode;
  const metrics = new Metrics();
  const writer = mode.writer ?? chainOf(played);
  const keeper = new Keeper(config, writer, log, metrics, { isDryRun, signal });
  return { keeper, lines, metrics };
}

const taken = (played: Played): string[] =>
  played.sent.flat().map((msg) => ('liquidate' in msg ? msg.liquidate.account : '?'));

test('all sick accounts of all pages are taken over, several in a transaction', async () => {
  const played = play({ 3: WAD, 40: WAD, 65: WAD });
  const { keeper } = keeperOf(played, { max_messages: 2 });
  assert.equal(await keeper.round(true), 3);
  assert.deepEqual(
    played.sent.map((messages) => messages.length),
    [2, 1],
  );
  assert.deepEqual(taken(played), ['3', '40', '65']);
});

test('nothing is read twice while nothing moves', async () => {
  const played = play({});
  const { keeper } = keeperOf(played);
  await keeper.round(false);
  const { reads } = played;
  await keeper.round(false);
  assert.equal(played.reads, reads, 'the same block');
  played.height += 1;
  await keeper.round(false);
  assert.equal(played.reads, reads + 1, 'a new block with the same prices');
});

test('what does not pay for its gas waits', async () => {
  const played = play({ 3: WAD, 4: 3n * WAD });
  // 200 000 gas at 1u, 0.00001 each: 2 quote units.
  const { keeper, lines } = keeperOf(played, { gas_coin_price: '0.00001', gas_estimate: 200_000 });
  await keeper.round(true);
  assert.deepEqual(taken(played), ['4']);
  assert.ok(lines.some((line) => /does not pay .*account=3 .*gain=1 cost=2/.test(line)));
});

test('a dry run sends nothing', async () => {
  const played = play({ 3: WAD });
  const { keeper, lines } = keeperOf(played, {}, { isDryRun: true });
  assert.equal(await keeper.round(true), 0);
  assert.deepEqual(played.sent, []);
  assert.ok(lines.some((line) => /would do .*account=3/.test(line)));
});

test('a message that is refused leaves the others in', async () => {
  const played = play({ 3: WAD, 4: WAD, 5: WAD });
  played.faults.set('4', (index) => {
    return new PlimsollError('E_NOT_LIQUIDATABLE', 'somebody was faster', index, undefined);
  });
  played.refusals.set('4', () => (played.sent.length > 0 ? 'E_NOT_LIQUIDATABLE' : 'OK'));
  const { keeper, lines } = keeperOf(played);
  assert.equal(await keeper.round(true), 2);
  assert.deepEqual(taken(played), ['3', '5']);
  assert.ok(lines.some((line) => /refused .*account=4 code=E_NOT_LIQUIDATABLE/.test(line)));
});

test("a takeover beyond the keeper's margin is halved until it fits", async () => {
  const played = play({ 3: WAD });
  played.refusals.set('3', (lots) =>
    lots === '0' || Number(lots) > 100 ? 'E_BELOW_INITIAL' : 'OK',
  );
  const { keeper } = keeperOf(played);
  await keeper.round(true);
  const [[msg] = []] = played.sent;
  assert.equal(msg !== undefined && 'liquidate' in msg && msg.liquidate.lots, '100');
});

test('it stops between transactions when it is told', async () => {
  const stop = new AbortController();
  stop.abort();
  const played = play({ 3: WAD });
  const { keeper } = keeperOf(played, {}, { signal: stop.signal });
  assert.equal(await keeper.round(true), 0);
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
  const other = keeperOf(played, {}, { writer });
  await assert.rejects(other.keeper.checkAccount(), { name: 'ConfigError', message: /E_AUTH/ });
  Object.assign(writer.plimsoll, {
    getPreview: () => Promise.reject(new PlimsollError('E_RANGE', 'no', undefined, undefined)),
  });
  await assert.rejects(other.keeper.checkAccount(), { name: 'ConfigError', message: /E_RANGE/ });
});

test('an unpriced collateral hides nobody', async () => {
  const played = play({ 3: WAD });
  played.unpriced.add('3');
  await keeperOf(played).keeper.round(true);
  assert.deepEqual(taken(played), ['3']);
});

test('what brings most goes first, and the chain is looked at after each transaction', async () => {
  const played = play({ 3: WAD, 4: 3n * WAD, 5: 2n * WAD });
  await keeperOf(played, { max_messages: 1 }).keeper.round(true);
  assert.deepEqual(taken(played), ['4', '5', '3']);
  assert.equal(played.passes, 4);
});

test('the sick are taken over before anybody else is opened', async () => {
  const played = play({ 3: WAD });
  played.others.set('5', '0');
  const waits = { shortfall: `${9n * WAD}`, shortfall_since: '0', shortfall_account: '5' };
  Object.assign(played.market, waits);
  await keeperOf(played).keeper.round(true);
  const first = played.opened.slice(0, played.opened.indexOf('sent'));
  assert.deepEqual(first, [OWN, '3']);
  assert.ok(played.opened.includes('5'));
});

test('a winner is paid once a round, and not at all where the pool is empty', async () => {
  const played = play({});
  played.others.set('5', `${9n * WAD}`);
  const waits = { shortfall: `${9n * WAD}`, shortfall_since: '999', shortfall_account: '5' };
  Object.assign(played.market, waits);
  const { keeper } = keeperOf(played);
  assert.equal(await keeper.round(true), 0);
  played.market['pool'] = `${2n * WAD}`;
  assert.equal(await keeper.round(true), 1);
  assert.deepEqual(played.sent, [[{ settle: { account: '5', market: 0 } }]]);
});

const outOfGas = () => new Error(`Error when broadcasting ${'A'.repeat(500)}: out of gas`);

test('a step that fails by its own fault holds up nobody, and waits', async () => {
  const played = play({ 3: WAD, 4: WAD, 5: WAD });
  played.faults.set('3', outOfGas);
  const { keeper, lines } = keeperOf(played);
  assert.equal(await keeper.round(true), 2);
  assert.deepEqual(taken(played), ['4', '5']);
  assert.equal(await keeper.round(true), 0);
  const failed = lines.filter((line) => / failed .*account=3 wait_s=/.test(line));
  assert.equal(failed.length, 1);
});

test('a refusal that names no message of the transaction costs no other step', async () => {
  for (const index of [undefined, 7]) {
    const played = play({ 3: WAD, 4: WAD });
    played.faults.set('4', () => new PlimsollError('E_PAUSED', 'no', index, undefined));
    await keeperOf(played).keeper.round(true);
    assert.deepEqual(taken(played), ['3']);
  }
});

test('a broken connection ends the round', async () => {
  const played = play({ 3: WAD, 4: WAD });
  played.faults.set('4', () => new TypeError('fetch failed'));
  await assert.rejects(keeperOf(played).keeper.round(true), /fetch failed/);
  const reading = play({});
  reading.broken.set('page 1 32', new TypeError('fetch failed'));
  await assert.rejects(keeperOf(reading).keeper.round(true), /fetch failed/);
});

test('a page that takes too much gas is read in parts, down to one account', async () => {
  const played = play({ 3: WAD, 7: WAD, 40: WAD });
  const gas = new Error('Query failed with (6): out of gas: invalid request');
  for (const page of ['1 32', '1 16', '1 8', '1 4', '3 2', '4 1']) {
    played.broken.set(`page ${page}`, gas);
  }
  const { keeper, lines, metrics } = keeperOf(played);
  await keeper.round(true);
  assert.deepEqual(taken(played).sort(), ['3', '40', '7']);
  assert.ok(lines.some((line) => /cannot read an account .*account=4 /.test(line)));
  assert.match(await metrics.registry.metrics(), /unreadable_total [1-9]/);
});

test('an account that cannot be opened is told of and left out', async () => {
  const played = play({ 3: WAD, 4: WAD });
  played.broken.set('account 3', new PlimsollError(ABORTED, 'invariant', undefined, undefined));
  const { keeper, lines } = keeperOf(played);
  await keeper.round(true);
  assert.deepEqual(taken(played), ['4']);
  assert.ok(lines.some((line) => /cannot read an account .*account=3 /.test(line)));
});

test('while somebody is below maintenance every block is looked at', async () => {
  const played = play({ 3: 0n });
  const { keeper } = keeperOf(played);
  await keeper.round(false);
  const { passes } = played;
  played.height += 1;
  await keeper.round(false);
  assert.equal(played.passes, passes + 1);
  assert.deepEqual(played.sent, [], 'a takeover that brings nothing is left');
});

test('a takeover is sent with the size and the price of its preview', async () => {
  const played = play({ 3: 8n * WAD });
  await keeperOf(played, { slippage: '0.01' }).keeper.round(true);
  // 800 lots for 792 quote units, and 1 % more.
  const limit = ((PRICE * 99n) / 100n) * 101n / 100n;
  assert.deepEqual(played.sent, [
    [{ liquidate: { account: '3', market: 0, taker: OWN, lots: '800', limit: `${limit}` } }],
  ]);
});

test('a chain that stands still is told of, once a minute', async () => {
  const played = play({});
  const { keeper, lines, metrics } = keeperOf(played);
  await keeper.round(true);
  await keeper.round(true);
  assert.equal(lines.filter((line) => / no new block seconds=\d+/.test(line)).length, 1);
  assert.match(await metrics.registry.metrics(), /block_age_seconds \d{6}/);
});

/** A sick account that holds 100 atoms worth one quote unit each; sold for 0.9. */
function sellCollateral(played: Played, most: bigint) {
  const writer = chainOf(played);
  const asset = { decimals: 6, price_decimals: 12, feed: 0 };
  const sold = (amount: bigint) => ({
    type: 'collateral_sold',
    attributes: Object.entries({
      account: '3',
      asset: '0',
      taker: OWN,
      amount: amount.toString(),
      cash: ((amount * WAD * 9n) / 10n).toString(),
    }).map(([key, value]) => ({ key, value })),
  });
  const { plimsoll } = writer as unknown as { plimsoll: ReturnType<typeof contractOf> };
  const { getConfiguration, getMargin } = plimsoll;
  const getPreview = ({ message }: { message: string }) => {
    const msg = decode(message);
    const wanted = 'liquidate_collateral' in msg ? BigInt(msg.liquidate_collateral.amount) : -1n;
    const fits = wanted > 0n && wanted <= most;
    const symbol = fits ? 'OK' : wanted < 0n ? 'E_NOT_NEEDED' : 'E_BALANCE';
    return Promise.resolve({ code: ERRORS[symbol].code, events: fits ? [sold(wanted)] : [] });
  };
  const send = writer.executeMany;
  Object.assign(plimsoll, {
    getPreview,
    getConfiguration: async () => {
      const { config } = await getConfiguration();
      return { config: { ...config, asset_count: 1 } };
    },
    getAsset: () => Promise.resolve({ asset }),
    getFeed: () =>
      Promise.resolve({
        feed: { price_decimals: 12, params: DEFAULT_FEED_PARAMS },
        state: {
          price: `${10n ** 18n}`,
          time: '990',
          refused: 0,
          gap: 0,
          grace_until: '0',
        },
      }),
    getMargin: async (query: { account: string }) => {
      const collaterals = query.account === OWN ? [] : [{ asset: 0, atoms: '100' }];
      return { ...(await getMargin(query)), collaterals };
    },
  });
  Object.assign(writer, {
    executeMany: async (instructions: Parameters<Writer['executeMany']>[0]) => {
      const result = await send(instructions);
      played.fees.clear();
      const event = sold(most);
      const attributes = [...event.attributes, { key: '_contract_address', value: 'c' }];
      return { ...result, events: [{ type: `wasm-${event.type}`, attributes }] };
    },
  });
  return writer;
}

test("a sale beyond the keeper's cash is halved, limited, and its bargain counted", async () => {
  const played = play({ 3: 0n });
  const { keeper, metrics } = keeperOf(played, {}, { writer: sellCollateral(played, 25n) });
  await keeper.round(true);
  const fields = { account: '3', asset: 0, taker: OWN, market: 65535, amount: '25' };
  const limit = ((WAD * 9n) / 10n / 1000n) * 1005n;
  assert.deepEqual(played.sent, [[{ liquidate_collateral: { ...fields, limit: `${limit}` } }]]);
  assert.match(await metrics.registry.metrics(), /gained_quote_total 2\.5\n/);
});

test('a takeover beyond a cap of positions is halved as often as it takes', async () => {
  const played = play({ 3: WAD });
  played.refusals.set('3', (lots) =>
    lots === '0' || Number(lots) > 1 ? 'E_CAP_POSITION' : 'OK',
  );
  await keeperOf(played).keeper.round(true);
  const [[msg] = []] = played.sent;
  assert.equal(msg !== undefined && 'liquidate' in msg && msg.liquidate.lots, '1');
});
