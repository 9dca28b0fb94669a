// SPDX-License-Identifier: Apache-2.0
// The keeper: looks, decides, lets the contract preview, sends. It keeps nothing that a restart
// would miss: every round starts from what the chain says.
import {
  ERRORS,
  Level,
  PlimsollError,
  eventsOf,
  fromValue,
  instruction,
  parseDecimal,
  parseEvents,
  type AccountLine,
  type ErrorSymbol,
  type ExecuteMsg,
  type PlimsollEvent,
  type Writer,
} from '@plimsoll/cosmwasm';

import { mapBounded } from './batch.js';
import type { Config } from './config.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import {
  isForcedCloseDue,
  planCollection,
  planSteps,
  waitingMarkets,
  type Allowed,
  type Patient,
  type Step,
  type Winner,
  type World,
} from './plan.js';
import { gainOf, gasCost, type AssetPrice } from './profit.js';
import { Source, countLevels, marketOf, winnersOf } from './source.js';

/** Halvings of a takeover that the keeper's own margin does not carry. */
const SHRINKS = 6;

/** What one look at the chain found. */
interface View {
  readonly world: World;
  readonly lines: readonly AccountLine[];
  readonly own: Patient;
}

const symbolOf = (code: number): ErrorSymbol | undefined =>
  (Object.keys(ERRORS) as ErrorSymbol[]).find((symbol) => ERRORS[symbol].code === code);

/** One keeper on one connection. */
export class Keeper {
  private readonly source: Source;
  private readonly own: string;
  private readonly allowed: Allowed;
  private readonly minProfit: bigint;
  private gasEach: bigint;
  private lastHeight = 0;
  private lastScan = 0;
  private lastPrices = '';

  constructor(
    private readonly config: Config,
    private readonly writer: Writer,
    private readonly log: Log,
    private readonly metrics: Metrics,
    private readonly isDryRun: boolean,
  ) {
    this.source = new Source(writer.plimsoll, config['scan.concurrency']);
    this.own = config['account.id'];
    this.allowed = {
      takeOver: config['liquidation.take_over'],
      buyCollateral: config['liquidation.buy_collateral'],
      duties: config['liquidation.duties'],
    };
    this.minProfit = parseDecimal(config['liquidation.min_profit'], 18);
    this.gasEach = BigInt(config['liquidation.gas_estimate']);
  }

  /** The account exists and is the signer's: the contract is asked, by a preview of its owner. */
  async checkAccount(): Promise<void> {
    const msg: ExecuteMsg = { set_leverage: { account: this.own, ratio: 0 } };
    const step: Step = { operation: 'settle', account: this.own, msg, isTrade: false };
    const { code } = await this.source.preview(this.writer.sender, step);
    const symbol = symbolOf(code);
    if (symbol === 'E_AUTH' || symbol === 'E_NO_ACCOUNT') {
      throw new PlimsollError(
        symbol,
        `account.id ${this.own}, signer ${this.writer.sender}: ${ERRORS[symbol].text}`,
        undefined,
        undefined,
      );
    }
  }

  /**
   * One round: nothing when no block came; all accounts when a price moved, or when the last full
   * pass is old. Repeats at once while it finds something to do. Returns the operations delivered.
   */
  async round(isForced: boolean, signal: AbortSignal): Promise<number> {
    let done = 0;
    for (let again = true; again && !signal.aborted;) {
      const view = await this.look(isForced || done > 0);
      if (view === undefined) {
        return done;
      }
      const steps = await this.choose(view);
      const delivered = steps.length === 0 ? 0 : await this.send(steps, signal);
      done += delivered;
      again = delivered > 0 && !this.isDryRun;
    }
    return done;
  }

  /** Reads what is needed to decide; undefined when nothing can have changed. */
  private async look(isForced: boolean): Promise<View | undefined> {
    const { header } = await this.writer.chain.getBlock();
    if (!isForced && header.height === this.lastHeight) {
      return undefined;
    }
    this.lastHeight = header.height;
    this.metrics.height.set(header.height);
    const now = BigInt(Math.floor(Date.parse(header.time) / 1000));
    const started = Date.now();
    const { world, nextAccount, epoch } = await this.source.world(now);
    const prices = this.pricesOf(world, epoch);
    const isOld = started - this.lastScan >= this.config['scan.full_seconds'] * 1000;
    if (!isForced && !isOld && prices === this.lastPrices) {
      return undefined;
    }
    const lines = await this.source.accounts(nextAccount);
    const [own] = await this.source.patients([this.own]);
    if (own === undefined) {
      throw new Error(`account.id ${this.own}: the contract does not show it`);
    }
    this.lastPrices = prices;
    this.lastScan = started;
    this.report(lines, own, Date.now() - started);
    return { world, lines, own };
  }

  /** What a decision depends on beside accounts: prices, their state, parameters. */
  private pricesOf(world: World, epoch: string): string {
    const feeds = [...world.feeds.values()].map(({ state }) =>
      [state.price, state.time, state.refused, state.gap, state.grace_until].join(' '),
    );
    return [epoch, ...feeds].join('\n');
  }

  private report(lines: readonly AccountLine[], own: Patient, ms: number): void {
    const { metrics } = this;
    metrics.scans.inc();
    metrics.scanSeconds.set(ms / 1000);
    for (const [level, count] of countLevels(lines)) {
      metrics.accounts.set({ level }, count);
    }
    const { margin } = own;
    metrics.cash.set(Number(fromValue(margin.cash)));
    const free = (BigInt(margin.equity_initial) - BigInt(margin.initial)) / 1_000_000n;
    metrics.free.set(Number(fromValue(free)));
    metrics.lots.reset();
    for (const { market, lots } of margin.legs) {
      metrics.lots.set({ market: String(market) }, Number(lots));
    }
    const sick = lines.filter(({ level }) => level >= Level.LIQUIDATABLE).length;
    this.log.debug('scanned', { height: this.lastHeight, accounts: lines.length, sick, ms });
  }

  /** The steps worth a transaction: of each account the first that the contract would accept. */
  private async choose({ world, lines, own }: View): Promise<Step[]> {
    const waiting = waitingMarkets(world);
    const sickIds = lines
      .filter((line) => line.priced !== 0 && line.level >= Level.LIQUIDATABLE)
      .filter(({ account }) => account !== this.own)
      .map(({ account }) => account);
    // Debtors without lots may look healthy by their collateral: they are found where a winner
    // waits, for then every account is opened.
    const ids = waiting.size > 0 ? lines.map(({ account }) => account) : sickIds;
    const patients = await this.source.patients(ids);
    const winners = await this.findWinners(patients, lines, world);
    const assets = this.assetPrices(world);
    const candidates = patients.map((patient) => [
      ...planSteps(patient, this.own, world, winners, this.allowed),
      ...planCollection(patient, this.own, world, waiting, this.allowed),
    ]);
    candidates.push(this.ownSettlements(own, world));
    const limit = this.config['scan.concurrency'];
    const chosen = await mapBounded(candidates, limit, (steps) => this.firstGood(steps, assets));
    return chosen.filter((step) => step !== undefined);
  }

  /** Winners are looked for among all accounts, but only when a forced close is due. */
  private async findWinners(
    patients: readonly Patient[],
    lines: readonly AccountLine[],
    world: World,
  ): Promise<Winner[]> {
    if (!this.allowed.duties || !patients.some((patient) => isForcedCloseDue(patient, world))) {
      return [];
    }
    const known = new Set(patients.map(({ id }) => id));
    const rest = lines.map(({ account }) => account).filter((account) => !known.has(account));
    return winnersOf([...patients, ...(await this.source.patients(rest))]);
  }

  private assetPrices(world: World): Map<number, AssetPrice> {
    const prices = new Map<number, AssetPrice>();
    for (const [id, { decimals, price_decimals: priceDecimals, feed }] of world.assets) {
      const price = world.feeds.get(feed)?.state.price ?? '0';
      prices.set(id, { decimals, priceDecimals, price });
    }
    return prices;
  }

  /** The keeper's own closed positions become cash. */
  private ownSettlements({ margin }: Patient, world: World): Step[] {
    return margin.legs
      .filter(({ lots, market }) => {
        const pool = world.markets.get(market)?.state.pool ?? '0';
        return lots === '0' && pool !== '0';
      })
      .map(({ market }) => ({
        operation: 'settle',
        account: this.own,
        msg: { settle: { account: this.own, market } },
        isTrade: false,
      }));
  }

  /** The first step that the contract would accept and that pays for itself or is a duty. */
  private async firstGood(
    steps: readonly Step[],
    assets: ReadonlyMap<number, AssetPrice>,
  ): Promise<Step | undefined> {
    for (const wanted of steps) {
      const found = await this.tryStep(wanted);
      if (found === undefined) {
        continue;
      }
      const gain = gainOf(found.events, this.own, assets);
      const cost = gasCost(
        this.gasEach,
        this.config['chain.gas_price'],
        this.config['liquidation.gas_coin_price'],
      );
      const isGood = !wanted.isTrade || gain - cost >= this.minProfit;
      const facts = {
        operation: wanted.operation,
        account: wanted.account,
        market: marketOf(wanted),
        gain: fromValue(gain),
        cost: fromValue(cost),
      };
      if (isGood) {
        this.log.info(this.isDryRun ? 'would do' : 'due', facts);
        return found.step;
      }
      this.log.info('does not pay', facts);
    }
    return undefined;
  }

  /** Previews a step; a takeover that the keeper's margin does not carry is halved. */
  private async tryStep(
    wanted: Step,
  ): Promise<{ step: Step; events: readonly PlimsollEvent[] } | undefined> {
    let step = wanted;
    for (let shrinks = 0; ; shrinks += 1) {
      const { code, events } = await this.source.preview(this.writer.sender, step);
      if (code === 0) {
        return { step, events };
      }
      const symbol = symbolOf(code) ?? String(code);
      const smaller = symbol === 'E_BELOW_INITIAL' ? await this.halve(step) : undefined;
      if (smaller === undefined || shrinks === SHRINKS) {
        this.metrics.refusals.inc({ code: symbol });
        this.log.debug('not now', {
          operation: step.operation,
          account: step.account,
          market: marketOf(step),
          code: symbol,
        });
        return undefined;
      }
      step = smaller;
    }
  }

  private async halve(step: Step): Promise<Step | undefined> {
    if (!('liquidate' in step.msg)) {
      return undefined;
    }
    const { liquidate } = step.msg;
    let lots = BigInt(liquidate.lots);
    if (lots === 0n) {
      const [patient] = await this.source.patients([liquidate.account]);
      const leg = patient?.margin.legs.find(({ market }) => market === liquidate.market);
      lots = BigInt(leg?.lots ?? '0');
      lots = lots < 0n ? -lots : lots;
    }
    const half = lots / 2n;
    return half === 0n
      ? undefined
      : { ...step, msg: { liquidate: { ...liquidate, lots: half.toString() } } };
  }

  /** Sends steps, several in a transaction. Returns how many were delivered. */
  private async send(steps: readonly Step[], signal: AbortSignal): Promise<number> {
    if (this.isDryRun) {
      return 0;
    }
    const size = this.config['liquidation.max_messages'];
    let delivered = 0;
    for (let from = 0; from < steps.length && !signal.aborted; from += size) {
      delivered += await this.sendBatch(steps.slice(from, from + size));
    }
    return delivered;
  }

  /** One transaction. A step that is refused, since somebody was faster, is left out. */
  private async sendBatch(batch: readonly Step[]): Promise<number> {
    let steps = [...batch];
    while (steps.length > 0) {
      try {
        return await this.deliver(steps);
      } catch (error) {
        if (!(error instanceof PlimsollError)) {
          this.metrics.transactions.inc({ outcome: 'failed' });
          throw error;
        }
        this.metrics.transactions.inc({ outcome: 'refused' });
        this.metrics.refusals.inc({ code: error.symbol });
        const refused = steps[error.messageIndex ?? 0];
        this.log.warn('refused', {
          operation: refused?.operation,
          account: refused?.account,
          code: error.symbol,
          detail: error.detail,
          transaction: error.transactionHash,
        });
        steps = steps.filter((step) => step !== refused);
      }
    }
    return 0;
  }

  private async deliver(steps: readonly Step[]): Promise<number> {
    const contract = this.config['chain.contract'];
    const result = await this.writer.executeMany(
      steps.map(({ msg }) => instruction(contract, msg)),
      'auto',
    );
    this.metrics.transactions.inc({ outcome: 'delivered' });
    this.metrics.gas.inc(Number(result.gasUsed));
    this.gasEach = result.gasUsed / BigInt(steps.length);
    for (const { operation } of steps) {
      this.metrics.operations.inc({ operation });
    }
    this.reportEvents(parseEvents(result.events, contract), result.transactionHash);
    this.log.info('delivered', {
      transaction: result.transactionHash,
      height: result.height,
      operations: steps.length,
      gas: String(result.gasUsed),
    });
    return steps.length;
  }

  private reportEvents(events: readonly PlimsollEvent[], transaction: string): void {
    const gain = gainOf(events, this.own, new Map());
    if (gain > 0n) {
      this.metrics.gained.inc(Number(fromValue(gain)));
    }
    for (const taken of eventsOf(events, 'liquidated')) {
      this.log.info('took over', {
        account: taken.account,
        market: taken.market,
        lots: taken.lots,
        price: taken.price,
        fee: fromValue(taken.fee_taker),
        transaction,
      });
    }
    for (const closed of eventsOf(events, 'deleveraged')) {
      this.log.info('closed by force', {
        account: closed.account,
        market: closed.market,
        counterparty: closed.counterparty,
        lots: closed.lots,
        tip: fromValue(closed.tip),
        transaction,
      });
    }
    for (const sold of eventsOf(events, 'collateral_sold')) {
      this.log.info('bought collateral', {
        account: sold.account,
        asset: sold.asset,
        atoms: sold.amount,
        cash: fromValue(sold.cash),
        transaction,
      });
    }
  }
}
