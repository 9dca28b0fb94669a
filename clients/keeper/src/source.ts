// SPDX-License-Identifier: Apache-2.0
// Everything the keeper reads from the chain.
import {
  Level,
  LIMITS,
  NO_MARKET,
  PlimsollError,
  encodeMessage,
  parsePreviewEvents,
  type AccountLine,
  type Asset,
  type ExecuteMsg,
  type Feed,
  type FeedState,
  type Market,
  type MarketState,
  type PlimsollEvent,
  type PlimsollQueryClient,
} from '@plimsoll/cosmwasm';

import { mapBounded, pageStarts } from './batch.js';
import type { Patient, Step, Winner, World } from './plan.js';
import { worth } from './plan.js';

/** What the contract says of a call that it does not make. */
export interface Preview {
  readonly code: number;
  readonly events: readonly PlimsollEvent[];
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** The node answered, and said no: out of gas, a fault of the contract. Not: no connection. */
export function isAnswer(error: unknown): boolean {
  return (
    error instanceof PlimsollError ||
    (error instanceof Error && /Query failed with|out of gas/i.test(error.message))
  );
}

/** Reads the contract, a bounded number of queries at a time. */
export class Source {
  constructor(
    private readonly client: PlimsollQueryClient,
    private readonly concurrency: number,
    /** Told of an account that cannot be read. */
    private readonly onUnreadable: (account: string, error: unknown) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** Applies `work` to all items, a bounded number at a time. */
  map<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
    return mapBounded(items, this.concurrency, work, this.signal);
  }

  /** Markets, feeds and assets as they are now. */
  async world(now: bigint): Promise<{ world: World; nextAccount: bigint; epoch: string }> {
    const { config } = await this.client.getConfiguration();
    const markets = await this.map(range(config.market_count), async (market) => {
      const reply = await this.client.getMarket({ market });
      return [market, reply] as [number, { market: Market; state: MarketState }];
    });
    const feeds = await this.map(range(config.feed_count), async (feed) => {
      const reply = await this.client.getFeed({ feed });
      return [feed, reply] as [number, { feed: Feed; state: FeedState }];
    });
    const assets = await this.map(range(config.asset_count), async (asset) => {
      const reply = await this.client.getAsset({ asset });
      return [asset, reply.asset] as [number, Asset];
    });
    return {
      world: { now, markets: new Map(markets), feeds: new Map(feeds), assets: new Map(assets) },
      nextAccount: BigInt(config.next_account),
      epoch: config.epoch,
    };
  }

  /** All accounts with their level, page by page. */
  async accounts(next: bigint): Promise<AccountLine[]> {
    const limit = LIMITS.PAGE_MAX;
    const pages = await this.map(pageStarts(next, limit), (from) => this.page(BigInt(from), limit));
    return pages.flat();
  }

  /** The accounts of `limit` ids; where they take more gas than a query has, of fewer at a time. */
  private async page(from: bigint, limit: number): Promise<AccountLine[]> {
    try {
      return (await this.client.getAccounts({ from: from.toString(), limit })).accounts;
    } catch (error) {
      if (!isAnswer(error)) {
        throw error;
      }
      if (limit === 1) {
        this.onUnreadable(from.toString(), error);
        return [];
      }
    }
    const half = Math.floor(limit / 2);
    const first = await this.page(from, half);
    return [...first, ...(await this.page(from + BigInt(half), limit - half))];
  }

  /** Record and receipt of accounts; those that were closed meanwhile are left out. */
  async patients(ids: readonly string[]): Promise<Patient[]> {
    const found = await this.map(ids, async (id) => {
      try {
        const [{ account }, margin] = await Promise.all([
          this.client.getAccount({ account: id }),
          this.client.getMargin({ account: id }),
        ]);
        return { id, account, margin };
      } catch (error) {
        if (!isAnswer(error)) {
          throw error;
        }
        if (!(error instanceof PlimsollError && error.symbol === 'E_NO_ACCOUNT')) {
          this.onUnreadable(id, error);
        }
        return undefined;
      }
    });
    return found.filter((patient) => patient !== undefined);
  }

  /** What a call of `actor` would do. */
  async preview(actor: string, msg: ExecuteMsg): Promise<Preview> {
    const message = encodeMessage(msg);
    const reply = await this.client.getPreview({ actor, funds: [], message });
    return { code: reply.code, events: parsePreviewEvents(reply.events) };
  }
}

/** Who is in profit where, among accounts whose receipts are known. */
export function winnersOf(patients: readonly Patient[]): Winner[] {
  return patients.flatMap(({ id, margin }) =>
    margin.legs
      .filter((leg) => leg.lots !== '0' && worth(leg) > 0n)
      .map((leg) => ({
        account: id,
        market: leg.market,
        lots: BigInt(leg.lots),
        worth: worth(leg),
      })),
  );
}

/** Number of accounts a level, for the metrics. */
export function countLevels(lines: readonly AccountLine[]): Map<string, number> {
  const counts = new Map<string, number>(Object.keys(Level).map((name) => [name, 0]));
  const names = new Map(Object.entries(Level).map(([name, value]) => [value as number, name]));
  for (const { level, priced } of lines) {
    const name = priced === 0 ? undefined : names.get(level);
    if (name !== undefined) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

/** The market that the message of a step names, or none. */
export function marketOf({ msg }: Step): number {
  const [fields] = Object.values(msg) as [{ market?: number }];
  return fields.market ?? NO_MARKET;
}
