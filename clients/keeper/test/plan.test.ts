// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  DEFAULT_FEED_PARAMS,
  DEFAULT_MARKET_PARAMS,
  Level,
  Status,
  type Account,
  type Asset,
  type Feed,
  type FeedState,
  type MarginCollateral,
  type MarginLeg,
  type MarginResponse,
  type Market,
  type MarketState,
} from '@plimsoll/cosmwasm';

import {
  isForcedCloseDue,
  isTradable,
  planCollection,
  planForcedCloses,
  planSteps,
  rankCollaterals,
  rankLegs,
  waitingMarkets,
  type Patient,
  type Winner,
  type World,
} from '../src/plan.js';

const NOW = 1000n;
const ALL = { takeOver: true, buyCollateral: true, duties: true };

interface Settings {
  readonly feed?: Partial<FeedState>;
  readonly market?: Partial<MarketState>;
}

/** Markets 0 to 2 with feeds of the same number, assets 1 and 2 with feeds 1 and 2. */
function world(settings: Readonly<Record<number, Settings>> = {}): World {
  const ids = [0, 1, 2];
  const feedState = (id: number): FeedState =>
    ({
      price: '100',
      time: '990',
      refused: 0,
      gap: 0,
      grace_until: '0',
      ...settings[id]?.feed,
    }) as FeedState;
  const marketState = (id: number): MarketState =>
    ({
      status: Status.ACTIVE,
      pauses: 0,
      shortfall: '0',
      pool: '0',
      ...settings[id]?.market,
    }) as MarketState;
  return {
    now: NOW,
    feeds: new Map(
      ids.map((id) => [
        id,
        { feed: { price_decimals: 8, params: DEFAULT_FEED_PARAMS }, state: feedState(id) },
      ]),
    ),
    markets: new Map(
      ids.map((id) => [
        id,
        { market: { feed: id, params: DEFAULT_MARKET_PARAMS } as Market, state: marketState(id) },
      ]),
    ),
    assets: new Map(
      [1, 2].map((id) => [id, { decimals: 18, price_decimals: 8, feed: id } as Asset]),
    ),
  };
}

const leg = (market: number, lots: string, quote = '0', maint = 50000): MarginLeg =>
  ({ market, lots, quote, price: '100', maint }) as MarginLeg;

const collateral = (asset: number, weight: number): MarginCollateral =>
  ({ asset, atoms: '1', weight_maint: weight }) as MarginCollateral;

function patient(margin: Partial<MarginResponse>, account: Partial<Account> = {}): Patient {
  return {
    id: '7',
    account: { owner: 'h', order: [], liquidatable_since: '0', ...account } as Account,
    margin: {
      cash: '0',
      level: Level.LIQUIDATABLE,
      equity_maint: '50',
      maint: '100',
      legs: [],
      collaterals: [],
      ...margin,
    } as MarginResponse,
  };
}

const BIG = '1000000000000000000';
const names = (steps: readonly { operation: string }[]): string[] =>
  steps.map(({ operation }) => operation);

test('the largest requirement goes first, ties to the lower id', () => {
  const legs = [leg(0, BIG), leg(1, `-${BIG}0`), leg(2, `${BIG}0`)];
  assert.deepEqual(
    rankLegs(patient({ legs }), world()).map((l) => l.market),
    [1, 2, 0],
  );
});

test("the owner's order goes before, but not for a small leg", () => {
  const legs = [leg(0, BIG), leg(1, `${BIG}0`), leg(2, `${BIG}00`)];
  const order = [{ market: 0 }, { market: 1 }];
  const ranked = rankLegs(patient({ legs }, { order }), world());
  assert.deepEqual(
    ranked.map((l) => l.market),
    [1, 2, 0],
  );
});

test('a market with a dead feed is passed over', () => {
  const legs = [leg(0, `${BIG}0`), leg(1, BIG)];
  for (const settings of [
    { feed: { time: '900' } },
    { feed: { gap: 1 } },
    { feed: { refused: 505 } },
    { feed: { grace_until: '1001' } },
    { feed: { price: '0' } },
  ] satisfies Settings[]) {
    const now = world({ 0: settings });
    assert.equal(isTradable(0, now), false);
    assert.deepEqual(
      rankLegs(patient({ legs }), now).map((l) => l.market),
      [1],
    );
  }
});

test('a pause does not stop the keeper: that of a guardian ends by itself', () => {
  const legs = [leg(0, BIG)];
  const now = world({ 0: { market: { pauses: 0xff, pause_sets: [] } } });
  assert.equal(rankLegs(patient({ legs }), now).length, 1);
});

test('collateral of the highest maintenance weight goes first', () => {
  const collaterals = [collateral(1, 800000), collateral(2, 900000)];
  assert.deepEqual(rankCollaterals(patient({ collaterals }), world()), [2, 1]);
  assert.deepEqual(
    rankCollaterals(patient({ collaterals }), world({ 2: { feed: { gap: 1 } } })),
    [1],
  );
});

test('a liquidatable account is taken over, and flagged where that fails', () => {
  const steps = planSteps(patient({ legs: [leg(0, BIG)] }), '9', world(), ALL);
  assert.deepEqual(names(steps), ['liquidate', 'flag']);
  assert.deepEqual(steps[0]?.msg, {
    liquidate: { account: '7', market: 0, taker: '9', lots: '0', limit: '0' },
  });
  const flagged = patient({ legs: [leg(0, BIG)] }, { liquidatable_since: '900' });
  assert.deepEqual(names(planSteps(flagged, '9', world(), ALL)), ['liquidate']);
});

test('healthy accounts and the own one are left alone', () => {
  const healthy = patient({ level: Level.RESTRICTED, legs: [leg(0, BIG)] });
  assert.deepEqual(planSteps(healthy, '9', world(), ALL), []);
  assert.deepEqual(planSteps(patient({ legs: [leg(0, BIG)] }), '7', world(), ALL), []);
});

test('a bankrupt leg is closed against the largest winner on the other side', () => {
  const winners: Winner[] = [
    { account: '3', market: 0, lots: -5n, worth: 1n },
    { account: '4', market: 0, lots: -50n, worth: 1n },
    { account: '5', market: 0, lots: 500n, worth: 1n },
    { account: '6', market: 1, lots: -500n, worth: 1n },
    { account: '8', market: 0, lots: -500n, worth: -1n },
  ];
  const bankrupt = patient({ level: Level.BANKRUPT, legs: [leg(0, BIG)] });
  const steps = planForcedCloses(bankrupt, '9', world(), winners);
  assert.deepEqual(names(steps), ['deleverage', 'deleverage']);
  assert.deepEqual(steps[0]?.msg, {
    deleverage: { account: '7', market: 0, counterparty: '4', lots: '0', tip: '9' },
  });
});

test('force is due below a third of maintenance, a grace after the flag', () => {
  const low = { equity_maint: '33', maint: '100', legs: [leg(0, BIG)] };
  const since = (liquidatable_since: string) => patient(low, { liquidatable_since });
  assert.equal(isForcedCloseDue(since('880'), world()), true);
  assert.equal(isForcedCloseDue(since('881'), world()), false);
  assert.equal(isForcedCloseDue(since('0'), world()), false);
  assert.equal(
    isForcedCloseDue(patient({ ...low, equity_maint: '34' }, { liquidatable_since: '1' }), world()),
    false,
  );
  const closed = patient({ ...low, legs: [leg(0, '0', '-5')] }, { liquidatable_since: '1' });
  assert.equal(isForcedCloseDue(closed, world()), false);
});

test("force waits for the grace of the leg's own market, whatever the others need", () => {
  const now = world();
  const slow = { price_decimals: 8, params: { ...DEFAULT_FEED_PARAMS, grace: 900 } } as Feed;
  (now.feeds as Map<number, unknown>).set(1, { feed: slow, state: now.feeds.get(1)?.state });
  const legs = [leg(0, BIG), leg(1, BIG)];
  const low = patient({ equity_maint: '1', legs }, { liquidatable_since: '800' });
  const winners = [0, 1].map((market) => ({ account: '3', market, lots: -5n, worth: 1n }));
  const steps = planForcedCloses(low, '9', now, winners);
  assert.deepEqual(
    steps.map(({ msg }) => ('deleverage' in msg ? msg.deleverage.market : -1)),
    [0],
  );
});

test('a forced close is tried against eight winners at most', () => {
  const winners = Array.from({ length: 40 }, (_, index) => ({
    account: `${100 + index}`,
    market: 0,
    lots: -5n,
    worth: 1n,
  }));
  const bankrupt = patient({ level: Level.BANKRUPT, legs: [leg(0, BIG)] });
  assert.equal(planForcedCloses(bankrupt, '9', world(), winners).length, 8);
});

test('a debtor without lots sells, then is resolved', () => {
  const debtor = patient({
    level: Level.HEALTHY,
    cash: '10',
    legs: [leg(0, '0', '-100')],
    collaterals: [collateral(1, 800000)],
  });
  assert.deepEqual(names(planSteps(debtor, '9', world(), ALL)), [
    'liquidate_collateral',
    'resolve',
  ]);
  const paying = patient({ level: Level.HEALTHY, cash: '100', legs: [leg(0, '0', '-100')] });
  assert.deepEqual(planSteps(paying, '9', world(), ALL), []);
});

test('what is switched off is not planned', () => {
  const sick = patient({ legs: [leg(0, BIG)], collaterals: [collateral(1, 800000)] });
  const only = (allowed: Partial<typeof ALL>) =>
    names(
      planSteps(sick, '9', world(), {
        takeOver: false,
        buyCollateral: false,
        duties: false,
        ...allowed,
      }),
    );
  assert.deepEqual(only({}), []);
  assert.deepEqual(only({ takeOver: true }), ['liquidate']);
  assert.deepEqual(only({ buyCollateral: true }), ['liquidate_collateral']);
  assert.deepEqual(only({ duties: true }), ['flag']);
});

const waits = (shortfall: string, pool: string, shortfall_since = '100'): Settings => ({
  market: { shortfall, pool, shortfall_since, shortfall_account: '3' },
});

test('a winner who waits is collected for', () => {
  const now = world({ 0: waits('5', '0'), 1: waits('5', '0', '999') });
  const waiting = waitingMarkets(now, 0n);
  assert.deepEqual(
    [...waiting],
    [
      [0, true],
      [1, false],
    ],
  );
  const loser = patient({
    cash: '1',
    legs: [leg(0, '0', '-100'), leg(1, '0', '-100')],
    collaterals: [collateral(1, 800000)],
  });
  assert.deepEqual(names(planCollection(loser, '9', now, waiting, 0n, ALL)), [
    'settle',
    'liquidate_collateral',
    'settle',
  ]);
});

test('a winner settles only where the pool can pay him', () => {
  const winner = { ...patient({ legs: [leg(0, '0', '100')] }), id: '3' };
  const plan = (pool: string, least: bigint) => {
    const now = world({ 0: waits('50', pool) });
    return names(planCollection(winner, '9', now, waitingMarkets(now, least), least, ALL));
  };
  assert.deepEqual(plan('0', 0n), []);
  assert.deepEqual(plan('9', 0n), ['settle']);
  assert.deepEqual(plan('9', 10n), []);
  assert.deepEqual(plan('10', 10n), ['settle']);
  assert.deepEqual(plan('99', 51n), [], 'his claim is too small to look for');
});

test('a loser is settled only where that moves enough', () => {
  const plan = (cash: string, loss: string, shortfall: string) => {
    const now = world({ 0: waits(shortfall, '0', '999') });
    const loser = patient({ cash, legs: [leg(0, '0', `-${loss}`)] });
    return names(planCollection(loser, '9', now, waitingMarkets(now, 10n), 10n, ALL));
  };
  assert.deepEqual(plan('10', '10', '10'), ['settle']);
  assert.deepEqual(plan('9', '10', '10'), []);
  assert.deepEqual(plan('10', '9', '10'), []);
  assert.deepEqual(plan('10', '10', '9'), []);
});
