// SPDX-License-Identifier: Apache-2.0
// What is due for one account, best first. Pure: it reads what the keeper has fetched and asks
// nothing. It ranks as docs/SPEC.md does (LIQ-1 to LIQ-11); the contract has the last word, and the
// keeper lets it preview each step before it pays for one.
import {
  Level,
  NO_MARKET,
  Pause,
  type Account,
  type Asset,
  type ExecuteMsg,
  type Feed,
  type FeedState,
  type MarginLeg,
  type MarginResponse,
  type Market,
  type MarketState,
  Status,
} from '@plimsoll/cosmwasm';

/** A market, a feed, an asset as the chain has them now. */
export interface World {
  /** Block time in seconds. */
  readonly now: bigint;
  readonly markets: ReadonlyMap<number, { readonly market: Market; readonly state: MarketState }>;
  readonly feeds: ReadonlyMap<number, { readonly feed: Feed; readonly state: FeedState }>;
  readonly assets: ReadonlyMap<number, Asset>;
}

/** One account with its receipt. */
export interface Patient {
  readonly id: string;
  readonly account: Account;
  readonly margin: MarginResponse;
}

/** One step that may be due. */
export interface Step {
  readonly operation:
    'liquidate' | 'liquidate_collateral' | 'deleverage' | 'resolve' | 'flag' | 'settle';
  readonly account: string;
  readonly msg: ExecuteMsg;
  /** It must pay for its gas; the others are duties. */
  readonly isTrade: boolean;
}

/** Somebody on the other side of a leg, in profit. */
export interface Winner {
  readonly account: string;
  readonly market: number;
  readonly lots: bigint;
  /** lots x p + quote. */
  readonly worth: bigint;
}

/** Which steps the configuration allows. */
export interface Allowed {
  readonly takeOver: boolean;
  readonly buyCollateral: boolean;
  readonly duties: boolean;
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
const PPM = 1_000_000n;

/** Requirement of a leg in 1e-24 quote: max(floor, |lots| x price x ratio). [MARGIN-6] */
export function requirement(leg: MarginLeg, world: World): bigint {
  const floor = BigInt(world.markets.get(leg.market)?.market.params.floor ?? '0') * PPM;
  const own = abs(BigInt(leg.lots)) * BigInt(leg.price) * BigInt(leg.maint);
  return own > floor ? own : floor;
}

/** Unrealised profit of a leg at the accepted price. */
export function worth(leg: MarginLeg): bigint {
  return BigInt(leg.lots) * BigInt(leg.price) + BigInt(leg.quote);
}

/** A price that liquidations may use now. [PRICE-4] */
export function isTradable(feed: number, world: World): boolean {
  const found = world.feeds.get(feed);
  if (found === undefined) {
    return false;
  }
  const { state, feed: own } = found;
  const age = world.now - BigInt(state.time);
  return (
    state.price !== '0' &&
    state.refused === 0 &&
    state.gap === 0 &&
    age <= BigInt(own.params.age) &&
    BigInt(state.grace_until) <= world.now
  );
}

/** Bits that stop a takeover: deposits and reductions paused mean liquidations paused. [GOV-2] */
const STOPS_LIQUIDATION = (1 << Pause.LIQUIDATE) | (1 << Pause.REDUCE) | (1 << Pause.DEPOSIT);

/** Lots of this market may be taken over now, as far as can be seen. */
export function isOpen(market: number, world: World): boolean {
  const found = world.markets.get(market);
  if (found === undefined) {
    return false;
  }
  const { status, pauses } = found.state;
  const isActive = status === Status.ACTIVE || status === Status.REDUCE_ONLY;
  return isActive && (pauses & STOPS_LIQUIDATION) === 0 && isTradable(found.market.feed, world);
}

/** The legs that may be taken over, the one that goes first first. [LIQ-4] */
export function rankLegs({ account, margin }: Patient, world: World): MarginLeg[] {
  const open = margin.legs.filter((leg) => leg.lots !== '0' && isOpen(leg.market, world));
  const total = margin.legs.reduce((sum, leg) => sum + requirement(leg, world), 0n);
  const byRequirement = [...open].sort((a, b) => {
    const difference = requirement(b, world) - requirement(a, world);
    return difference === 0n ? a.market - b.market : difference > 0n ? 1 : -1;
  });
  const wished = account.order
    .map(({ market }) => open.find((leg) => leg.market === market))
    .filter((leg) => leg !== undefined && requirement(leg, world) * 16n >= total);
  return [...new Set([...wished, ...byRequirement])] as MarginLeg[];
}

/** The collaterals that may be sold, the one that goes first first. [LIQ-6] */
export function rankCollaterals({ margin }: Patient, world: World): number[] {
  return margin.collaterals
    .filter(({ asset }) => {
      const found = world.assets.get(asset);
      return found !== undefined && isTradable(found.feed, world);
    })
    .sort((a, b) => b.weight_maint - a.weight_maint || a.asset - b.asset)
    .map(({ asset }) => asset);
}

/** Losses that are not settled: of lots at the price, of debts exactly. */
function unsettledLoss(margin: MarginResponse): bigint {
  return margin.legs.reduce((sum, leg) => (worth(leg) < 0n ? sum - worth(leg) : sum), 0n);
}

/** Forced closes are due: bankrupt, or below a third of maintenance since a grace. [LIQ-11] */
export function isForcedCloseDue({ account, margin }: Patient, world: World): boolean {
  if (margin.level === Level.BANKRUPT) {
    return true;
  }
  const isLow = 3n * BigInt(margin.equity_maint) < BigInt(margin.maint);
  const since = BigInt(account.liquidatable_since);
  const graces = margin.legs.map((leg) => {
    const feed = world.markets.get(leg.market)?.market.feed ?? -1;
    return world.feeds.get(feed)?.feed.params.grace ?? 0;
  });
  return isLow && since !== 0n && world.now - since >= BigInt(Math.max(0, ...graces));
}

function takeovers(patient: Patient, own: string, world: World): Step[] {
  return rankLegs(patient, world).map((leg) => ({
    operation: 'liquidate',
    account: patient.id,
    msg: {
      liquidate: { account: patient.id, market: leg.market, taker: own, lots: '0', limit: '0' },
    },
    isTrade: true,
  }));
}

function sales(patient: Patient, own: string, world: World, market: number): Step[] {
  return rankCollaterals(patient, world).map((asset) => ({
    operation: 'liquidate_collateral',
    account: patient.id,
    msg: {
      liquidate_collateral: {
        account: patient.id,
        asset,
        taker: own,
        market,
        amount: '0',
        limit: '0',
      },
    },
    isTrade: true,
  }));
}

function forcedCloses(
  patient: Patient,
  own: string,
  world: World,
  winners: readonly Winner[],
): Step[] {
  const steps: Step[] = [];
  for (const leg of rankLegs(patient, world)) {
    const lots = BigInt(leg.lots);
    const against = winners
      .filter((w) => w.market === leg.market && w.account !== patient.id && w.worth > 0n)
      .filter((w) => (lots > 0n ? w.lots < 0n : w.lots > 0n))
      .sort((a, b) => (abs(a.lots) === abs(b.lots) ? 0 : abs(a.lots) < abs(b.lots) ? 1 : -1));
    for (const { account: counterparty } of against) {
      const msg = {
        deleverage: { account: patient.id, market: leg.market, counterparty, lots: '0', tip: own },
      };
      steps.push({ operation: 'deleverage', account: patient.id, msg, isTrade: false });
    }
  }
  return steps;
}

function resolutions({ id, margin }: Patient): Step[] {
  return margin.legs
    .filter((leg) => leg.lots === '0' && BigInt(leg.quote) < 0n)
    .map((leg) => ({
      operation: 'resolve',
      account: id,
      msg: { resolve: { account: id, market: leg.market } },
      isTrade: false,
    }));
}

/**
 * The steps for an account that is liquidatable or owes more than it has, best first: the keeper
 * takes the first that the contract would accept and that pays. Takeovers come before collateral
 * unless the losses exceed the cash; force comes where nobody would take over; a flag starts the
 * clock that makes the fee grow.
 */
export function planSteps(
  patient: Patient,
  own: string,
  world: World,
  winners: readonly Winner[],
  allowed: Allowed,
): Step[] {
  const { id, account, margin } = patient;
  if (id === own || account.owner === '') {
    return [];
  }
  const hasLots = margin.legs.some((leg) => leg.lots !== '0');
  const isSick = margin.level >= Level.LIQUIDATABLE;
  const owes = unsettledLoss(margin) > BigInt(margin.cash);
  const steps: Step[] = [];
  const isBankrupt = margin.level === Level.BANKRUPT;
  if (isSick && hasLots && allowed.duties && isBankrupt) {
    steps.push(...forcedCloses(patient, own, world, winners));
  }
  if (isSick && hasLots && allowed.takeOver) {
    steps.push(...takeovers(patient, own, world));
  }
  if (allowed.buyCollateral && (isSick || (!hasLots && owes))) {
    steps.push(...sales(patient, own, world, NO_MARKET));
  }
  if (isSick && hasLots && allowed.duties && !isBankrupt && isForcedCloseDue(patient, world)) {
    steps.push(...forcedCloses(patient, own, world, winners));
  }
  if (allowed.duties && !hasLots && owes) {
    steps.push(...resolutions(patient));
  }
  if (allowed.duties && isSick && account.liquidatable_since === '0') {
    steps.push({ operation: 'flag', account: id, msg: { flag: { account: id } }, isTrade: false });
  }
  return steps;
}

/** Markets whose winner waits, and whether so long that collateral may be sold for him. [LIQ-6] */
export function waitingMarkets(world: World): Map<number, boolean> {
  const waiting = new Map<number, boolean>();
  for (const [id, { market, state }] of world.markets) {
    if (state.shortfall !== '0') {
      const since = world.now - BigInt(state.shortfall_since);
      waiting.set(id, since > BigInt(market.params.grace_pay));
    }
  }
  return waiting;
}

/** What collects for a winner who waits: a loser's cash, then his collateral, then the payment. */
export function planCollection(
  patient: Patient,
  own: string,
  world: World,
  waiting: ReadonlyMap<number, boolean>,
  allowed: Allowed,
): Step[] {
  const steps: Step[] = [];
  for (const leg of patient.margin.legs) {
    const isLate = waiting.get(leg.market);
    if (isLate === undefined || patient.id === own) {
      continue;
    }
    const claimant = world.markets.get(leg.market)?.state.shortfall_account;
    const isLoser = worth(leg) < 0n && patient.margin.cash !== '0';
    if (allowed.duties && (isLoser || claimant === patient.id)) {
      const msg = { settle: { account: patient.id, market: leg.market } };
      steps.push({ operation: 'settle', account: patient.id, msg, isTrade: false });
    }
    if (allowed.buyCollateral && isLate && worth(leg) < 0n) {
      steps.push(...sales(patient, own, world, leg.market));
    }
  }
  return steps;
}
