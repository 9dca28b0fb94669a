// SPDX-License-Identifier: Apache-2.0
// What is due for one account, best first. Pure: it reads what the keeper has fetched and asks
// nothing. It ranks as docs/SPEC.md does (LIQ-1 to LIQ-11); the contract has the last word, and the
// keeper lets it preview each step before it pays for one.
import {
  Level,
  NO_MARKET,
  type Account,
  type Asset,
  type ExecuteMsg,
  type Feed,
  type FeedState,
  type MarginLeg,
  type MarginResponse,
  type Market,
  type MarketState,
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
const smallest = (...values: bigint[]): bigint => values.reduce((a, b) => (b < a ? b : a));
const PPM = 1_000_000n;

/** Winners that a forced close is tried against, each with a preview. */
const WINNERS_MOST = 8;

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

/**
 * The legs that may be taken over, the one that goes first first. [LIQ-4] Whether a pause is in
 * force the contract says: one of the guardian's ends by itself. [GOV-2]
 */
export function rankLegs({ account, margin }: Patient, world: World): MarginLeg[] {
  const open = margin.legs.filter((leg) => {
    const feed = world.markets.get(leg.market)?.market.feed ?? -1;
    return leg.lots !== '0' && isTradable(feed, world);
  });
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

/** A leg may be closed by force: bankrupt, or below ⅓ of maintenance since a grace. [LIQ-11] */
function isForceDue({ account, margin }: Patient, leg: MarginLeg, world: World): boolean {
  if (leg.lots === '0' || margin.level < Level.LIQUIDATABLE) {
    return false;
  }
  if (margin.level === Level.BANKRUPT) {
    return true;
  }
  const feed = world.markets.get(leg.market)?.market.feed ?? -1;
  const grace = BigInt(world.feeds.get(feed)?.feed.params.grace ?? 0);
  const since = BigInt(account.liquidatable_since);
  const isLow = 3n * BigInt(margin.equity_maint) < BigInt(margin.maint);
  return isLow && since !== 0n && world.now - since >= grace;
}

/** Some leg may be closed by force. */
export function isForcedCloseDue(patient: Patient, world: World): boolean {
  return patient.margin.legs.some((leg) => isForceDue(patient, leg, world));
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

/** Forced closes that are due, each against the largest winners on the other side. [LIQ-11] */
export function planForcedCloses(
  patient: Patient,
  own: string,
  world: World,
  winners: readonly Winner[],
): Step[] {
  if (patient.id === own) {
    return [];
  }
  const due = rankLegs(patient, world).filter((leg) => isForceDue(patient, leg, world));
  return due.flatMap((leg) => {
    const isLong = BigInt(leg.lots) > 0n;
    return winners
      .filter((w) => w.market === leg.market && w.account !== patient.id && w.worth > 0n)
      .filter((w) => (isLong ? w.lots < 0n : w.lots > 0n))
      .sort((a, b) => (abs(a.lots) === abs(b.lots) ? 0 : abs(a.lots) < abs(b.lots) ? 1 : -1))
      .slice(0, WINNERS_MOST)
      .map(({ account: counterparty }) => ({
        operation: 'deleverage',
        account: patient.id,
        msg: {
          deleverage: {
            account: patient.id,
            market: leg.market,
            counterparty,
            lots: '0',
            tip: own,
          },
        },
        isTrade: false,
      }));
  });
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
 * takes the first that the contract would accept and that pays. Takeovers come before collateral; a
 * flag starts the clock that makes the fee grow.
 */
export function planSteps(patient: Patient, own: string, world: World, allowed: Allowed): Step[] {
  const { id, account, margin } = patient;
  if (id === own) {
    return [];
  }
  const hasLots = margin.legs.some((leg) => leg.lots !== '0');
  const isSick = margin.level >= Level.LIQUIDATABLE;
  const owes = unsettledLoss(margin) > BigInt(margin.cash);
  const steps: Step[] = [];
  if (isSick && hasLots && allowed.takeOver) {
    steps.push(...takeovers(patient, own, world));
  }
  if (allowed.buyCollateral && (isSick || (!hasLots && owes))) {
    steps.push(...sales(patient, own, world, NO_MARKET));
  }
  if (allowed.duties && !hasLots && owes) {
    steps.push(...resolutions(patient));
  }
  if (allowed.duties && isSick && account.liquidatable_since === '0') {
    steps.push({ operation: 'flag', account: id, msg: { flag: { account: id } }, isTrade: false });
  }
  return steps;
}

/**
 * Markets whose winner waits for at least `least`, and whether so long that collateral may be sold
 * for him. [LIQ-6]
 */
export function waitingMarkets(world: World, least: bigint): Map<number, boolean> {
  const waiting = new Map<number, boolean>();
  for (const [id, { market, state }] of world.markets) {
    const shortfall = BigInt(state.shortfall);
    if (shortfall > 0n && shortfall >= least) {
      const since = world.now - BigInt(state.shortfall_since);
      waiting.set(id, since > BigInt(market.params.grace_pay));
    }
  }
  return waiting;
}

/**
 * What collects for a winner who waits: a loser's cash, then his collateral, then the payment. Only
 * where it moves at least `least`: profit and loss of open lots change with every price.
 */
export function planCollection(
  patient: Patient,
  own: string,
  world: World,
  waiting: ReadonlyMap<number, boolean>,
  least: bigint,
  allowed: Allowed,
): Step[] {
  const { id, margin } = patient;
  const steps: Step[] = [];
  for (const leg of margin.legs) {
    const isLate = waiting.get(leg.market);
    const state = world.markets.get(leg.market)?.state;
    if (isLate === undefined || state === undefined || id === own) {
      continue;
    }
    const shortfall = BigInt(state.shortfall);
    const loss = -worth(leg);
    const moved =
      state.shortfall_account === id
        ? smallest(BigInt(state.pool), shortfall)
        : smallest(loss, BigInt(margin.cash), shortfall);
    if (allowed.duties && moved > 0n && moved >= least) {
      const msg = { settle: { account: id, market: leg.market } };
      steps.push({ operation: 'settle', account: id, msg, isTrade: false });
    }
    if (allowed.buyCollateral && isLate && loss > 0n) {
      steps.push(...sales(patient, own, world, leg.market));
    }
  }
  return steps;
}
