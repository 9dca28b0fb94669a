// SPDX-License-Identifier: Apache-2.0
// The keeper: looks, decides, lets the contract preview, sends. It keeps nothing that a restart
// would miss: every round starts from what the chain says.
import {
  ABORTED,
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

import { Failures, groupsOf } from './batch.js';
import { ConfigError, type Config } from './config.js';
import { textOf, type Log } from './log.js';
import type { Metrics } from './metrics.js';
import {
  isForcedCloseDue,
  isTradable,
  planCollection,
  planForcedCloses,
  planSteps,
  waitingMarkets,
  type Allowed,
  type Patient,
  type Step,
  type Winner,
  type World,
} from './plan.js';
import { gainOf, gasCost, withLimit, type AssetPrice } from './profit.js';
import { Source, countLevels, isAnswer, marketOf, winnersOf } from './source.js';

/** Halvings of a trade that the keeper's own account does not carry. */
const SHRINKS = 64;

/** Accounts that are opened before a transaction is sent. */
const GROUP = 64;

/** A chain whose last block is older than this stands still. */
const OLD_BLOCK_SECONDS = 60;

/** What goes out first; the rest by gain. */
const RANK: Record<Step['operation'], number> = {
  liquidate: 0,
  liquidate_collateral: 0,
  deleverage: 1,
  resolve: 2,
  flag: 3,
  settle: 4,
};

/** The step itself is at fault, not the way to the chain: sent again it fails again. */
const FAULT =
  /out of gas|exceeds block max gas|execute wasm contract failed|calling the VM|message index: \d/i;

/** Codes of a trade that is too large for the keeper's account. */
const TOO_LARGE = ['E_BELOW_INITIAL', 'E_CAP_POSITION', 'E_BALANCE'];

/** What the contract says of an account that is not the signer's, or none. */
const WRONG_ACCOUNT: readonly ErrorSymbol[] = ['E_AUTH', 'E_NO_ACCOUNT', 'E_FIELD', 'E_RANGE'];

/** What one look at the chain found. */
interface View {
  readonly world: World;
  readonly lines: readonly AccountLine[];
  readonly own: Patient;
}

/** A step that the contract would accept, and what it brings. */
interface Choice {
  readonly step: Step;
  readonly gain: bigint;
}

/** How a keeper runs. */
export interface Mode {
  readonly isDryRun: boolean;
  /** Ends a round between two queries or transactions. */
  readonly signal: AbortSignal;
}

const symbolOf = (code: number): ErrorSymbol | undefined =>
  (Object.keys(ERRORS) as ErrorSymbol[]).find((symbol) => ERRORS[symbol].code === code);

const isSick = ({ priced, level }: AccountLine): boolean =>
  priced !== 0 && level >= Level.LIQUIDATABLE;

const descending = (a: bigint, b: bigint): number => (a < b ? 1 : a > b ? -1 : 0);

/** Half of a number, without its sign; undefined where nothing is left. */
function half(text: string | undefined): string | undefined {
  const value = BigInt(text ?? '0') / 2n;
  return value === 0n ? undefined : String(value < 0n ? -value : value);
}

/** What a step is about; its size and limit change with every price. */
function keyOf({ operation, account, msg }: Step): string {
  type Named = { market?: number; asset?: number; counterparty?: string };
  const [{ market, asset, counterparty }] = Object.values(msg) as [Named];
  return [operation, account, market, asset, counterparty].join(' ');
}

/** One keeper on one connection. */
export class Keeper {
  private readonly source: Source;
  private readonly own: string;
  private readonly allowed: Allowed;
  private readonly minProfit: bigint;
  private readonly failures = new Failures();
  /** Settled in this round: profits and losses of open lots move again with every price. */
  private readonly settled = new Set<string>();
  private gasEach: bigint;
  private lastHeight = 0;
  private lastScan = 0;
  private lastPrices = '';
  private lastWarning = 0;
  private assets: ReadonlyMap<number, AssetPrice> = new Map();

  constructor(
    private readonly config: Config,
    private readonly writer: Writer,
    private readonly log: Log,
    private readonly metrics: Metrics,
    private readonly mode: Mode,
  ) {
    const onUnreadable = (account: string, error: unknown): void => {
      metrics.unreadable.inc();
      log.warn('cannot read an account', { account, error: textOf(error) });
    };
    const limit = config['scan.concurrency'];
    this.source = new Source(writer.plimsoll, limit, onUnreadable, mode.signal);
    this.own = config['account.id'];
    this.allowed = {
      takeOver: config['liquidation.take_over'],
      buyCollateral: config['liquidation.buy_collateral'],
      duties: config['liquidation.duties'],
    };
    this.minProfit = parseDecimal(config['liquidation.min_profit'], 18);
    this.gasEach = BigInt(config['liquidation.gas_estimate']);
  }

  /**
   * The account exists and is the signer's: the contract is asked, by a preview of its owner.
   * Throws ConfigError.
   */
  async checkAccount(): Promise<void> {
    const msg: ExecuteMsg = { set_leverage: { account: this.own, ratio: 0 } };
    const symbol = await this.source.preview(this.writer.sender, msg).then(
      ({ code }) => symbolOf(code),
      (error: unknown) => {
        if (error instanceof PlimsollError && error.symbol !== ABORTED) {
          return error.symbol;
        }
        throw error;
      },
    );
    if (symbol !== undefined && WRONG_ACCOUNT.includes(symbol)) {
      const who = `account.id ${this.own}, signer ${this.writer.sender}`;
      throw new ConfigError(`${who}: ${symbol}, ${ERRORS[symbol].text}`);
    }
  }

  /**
   * One round: nothing when no block came; all accounts when a price moved, when something is left
   * to do, or when the last full pass is old. After each transaction it looks again, until there is
   * nothing to send. Returns the operations delivered.
   */
  async round(isForced: boolean): Promise<number> {
    this.settled.clear();
    for (let done = 0; ; ) {
      const { signal } = this.mode;
      const view = signal.aborted ? undefined : await this.look(isForced || done > 0);
      const delivered = view === undefined ? 0 : await this.act(view);
      done += delivered;
      if (delivered === 0) {
        return done;
      }
    }
  }

  /** Reads what is needed to decide; undefined when nothing can have changed. */
  private async look(isForced: boolean): Promise<View | undefined> {
    const { header } = await this.writer.chain.getBlock();
    this.reportAge(Date.parse(header.time));
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
    this.lastPrices = lines.some(isSick) ? '' : prices;
    this.lastScan = started;
    this.report(lines, own, Date.now() - started);
    this.assets = this.assetPrices(world);
    return { world, lines, own };
  }

  private reportAge(time: number): void {
    const seconds = Math.max(0, (Date.now() - time) / 1000);
    this.metrics.blockAge.set(seconds);
    if (seconds > OLD_BLOCK_SECONDS && Date.now() - this.lastWarning > OLD_BLOCK_SECONDS * 1000) {
      this.lastWarning = Date.now();
      this.log.warn('no new block', { seconds: Math.floor(seconds) });
    }
  }

  /** What a decision depends on beside accounts: prices, their state, parameters. */
  private pricesOf(world: World, epoch: string): string {
    const feeds = [...world.feeds].map(([id, { state }]) =>
      [state.price, state.time, state.refused, state.gap, isTradable(id, world)].join(' '),
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
    const sick = lines.filter(isSick).length;
    this.log.debug('scanned', { height: this.lastHeight, accounts: lines.length, sick, ms });
  }

  /**
   * Sends one transaction, of the best that is found first: of those below maintenance, the worst
   * first; then forced closes, for which winners are looked for; then what collects for winners who
   * wait. Returns the operations delivered.
   */
  private async act(view: View): Promise<number> {
    const { world, lines } = view;
    const forced: Patient[] = [];
    for (const group of groupsOf(this.suspects(lines), GROUP)) {
      const patients = await this.source.patients(group);
      const plans = patients.map((patient) => planSteps(patient, this.own, world, this.allowed));
      const delivered = await this.send(plans);
      if (delivered > 0) {
        return delivered;
      }
      forced.push(...patients.filter((patient) => isForcedCloseDue(patient, world)));
    }
    const delivered = await this.closeByForce(forced, view);
    return delivered > 0 ? delivered : this.collect(view);
  }

  /** Accounts that may be liquidatable: an unpriced collateral hides the level in the page. */
  private suspects(lines: readonly AccountLine[]): string[] {
    const shortage = ({ maint, equity_maint: equity }: AccountLine): bigint =>
      BigInt(maint) - BigInt(equity);
    return lines
      .filter((line) => line.account !== this.own && (line.priced === 0 || isSick(line)))
      .sort((a, b) => descending(shortage(a), shortage(b)))
      .map(({ account }) => account);
  }

  private async closeByForce(forced: readonly Patient[], view: View): Promise<number> {
    if (!this.allowed.duties || forced.length === 0) {
      return 0;
    }
    const holders = view.lines.filter(({ maint, priced }) => maint !== '0' || priced === 0);
    const winners: Winner[] = [];
    for (const group of groupsOf(holders, GROUP)) {
      winners.push(...winnersOf(await this.source.patients(group.map(({ account }) => account))));
    }
    const plans = forced.map((patient) =>
      planForcedCloses(patient, this.own, view.world, winners),
    );
    return this.send(plans);
  }

  /** Debtors without lots may look healthy by their collateral: all accounts are opened. */
  private async collect(view: View): Promise<number> {
    const { world, lines, own } = view;
    const least = parseDecimal(this.config['liquidation.min_collect'], 18) + this.costEach();
    const waiting = waitingMarkets(world, least);
    const ids = waiting.size === 0 ? [] : lines.map(({ account }) => account);
    for (const group of groupsOf(ids, GROUP)) {
      const patients = await this.source.patients(group);
      const plans = patients.map((patient) => [
        ...planSteps(patient, this.own, world, this.allowed),
        ...planCollection(patient, this.own, world, waiting, least, this.allowed),
      ]);
      const delivered = await this.send(plans);
      if (delivered > 0) {
        return delivered;
      }
    }
    return this.send([this.ownSettlements(own, world, least)]);
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
  private ownSettlements({ margin }: Patient, world: World, least: bigint): Step[] {
    return margin.legs
      .filter(({ lots, market, quote }) => {
        const pool = BigInt(world.markets.get(market)?.state.pool ?? '0');
        const moved = BigInt(quote) < pool ? BigInt(quote) : pool;
        return lots === '0' && (moved < 0n || (moved > 0n && moved >= least));
      })
      .map(({ market }) => ({
        operation: 'settle',
        account: this.own,
        msg: { settle: { account: this.own, market } },
        isTrade: false,
      }));
  }

  /** Value of the gas of one operation. */
  private costEach(): bigint {
    const price = this.config['liquidation.gas_coin_price'];
    return gasCost(this.gasEach, this.config['chain.gas_price'], price);
  }

  /** The first step that the contract would accept and that pays for itself or is a duty. */
  private async firstGood(steps: readonly Step[]): Promise<Choice | undefined> {
    for (const wanted of steps) {
      const key = keyOf(wanted);
      const found =
        this.failures.isWaiting(key) || this.settled.has(key)
          ? undefined
          : await this.tryStep(wanted);
      if (found === undefined) {
        continue;
      }
      const { events } = found;
      const gain = gainOf(events, this.own, this.assets);
      const cost = this.costEach();
      const pays = gain - cost >= this.minProfit && (gain > 0n || this.minProfit < 0n);
      const facts = {
        operation: wanted.operation,
        account: wanted.account,
        market: marketOf(wanted),
        gain: fromValue(gain),
        cost: fromValue(cost),
      };
      if (!wanted.isTrade || pays) {
        this.log.info(this.mode.isDryRun ? 'would do' : 'due', facts);
        const slippage = parseDecimal(this.config['liquidation.slippage'], 6);
        const msg = withLimit(found.step.msg, events, this.assets, slippage);
        return { step: { ...found.step, msg }, gain };
      }
      this.log.info('does not pay', facts);
    }
    return undefined;
  }

  /** Previews a step; a trade that the keeper's account does not carry is halved. */
  private async tryStep(
    wanted: Step,
  ): Promise<{ step: Step; events: readonly PlimsollEvent[] } | undefined> {
    let step = wanted;
    for (let shrinks = 0; ; shrinks += 1) {
      const { code, events } = await this.preview(step);
      if (code === 0) {
        return { step, events };
      }
      const symbol = symbolOf(code) ?? String(code);
      const smaller = TOO_LARGE.includes(symbol) ? await this.halve(step) : undefined;
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

  /** One account that cannot be previewed is no reason to leave the others. */
  private async preview(step: Step) {
    try {
      return await this.source.preview(this.writer.sender, step.msg);
    } catch (error) {
      if (!isAnswer(error)) {
        throw error;
      }
      this.log.warn('no preview', { operation: step.operation, error: textOf(error) });
      return { code: -1, events: [] };
    }
  }

  private async halve(step: Step): Promise<Step | undefined> {
    const { msg } = step;
    if ('liquidate' in msg) {
      const { liquidate } = msg;
      const whole = async (): Promise<string | undefined> => {
        const [patient] = await this.source.patients([liquidate.account]);
        return patient?.margin.legs.find(({ market }) => market === liquidate.market)?.lots;
      };
      const lots = half(liquidate.lots === '0' ? await whole() : liquidate.lots);
      const smaller = { liquidate: { ...liquidate, lots: lots ?? '0' } };
      return lots === undefined ? undefined : { ...step, msg: smaller };
    }
    if ('liquidate_collateral' in msg) {
      const { liquidate_collateral: sale } = msg;
      const whole = async (): Promise<string | undefined> => {
        const [patient] = await this.source.patients([sale.account]);
        return patient?.margin.collaterals.find(({ asset }) => asset === sale.asset)?.atoms;
      };
      const amount = half(sale.amount === '0' ? await whole() : sale.amount);
      return amount === undefined
        ? undefined
        : { ...step, msg: { liquidate_collateral: { ...sale, amount } } };
    }
    return undefined;
  }

  /** Of each plan the first good step; the best of them in one transaction. */
  private async send(plans: readonly (readonly Step[])[]): Promise<number> {
    const chosen = await this.source.map(plans, (steps) => this.firstGood(steps));
    const best = chosen
      .filter((choice) => choice !== undefined)
      .sort((a, b) => RANK[a.step.operation] - RANK[b.step.operation] || descending(a.gain, b.gain))
      .map(({ step }) => step);
    if (this.mode.isDryRun || this.mode.signal.aborted) {
      return 0;
    }
    // A transaction of which nothing is left makes room for the next best.
    for (const batch of groupsOf(best, this.config['liquidation.max_messages'])) {
      const delivered = await this.sendBatch(batch);
      if (delivered > 0) {
        return delivered;
      }
    }
    return 0;
  }

  /**
   * One transaction. A step that is refused, since somebody was faster, is left out. Where it is
   * not said which step failed, each goes alone; one that fails by its own fault waits a while.
   */
  private async sendBatch(batch: readonly Step[]): Promise<number> {
    try {
      return await this.deliver(batch);
    } catch (error) {
      const isRefusal = error instanceof PlimsollError;
      this.metrics.transactions.inc({ outcome: isRefusal ? 'refused' : 'failed' });
      if (!isRefusal && !FAULT.test(String(error))) {
        throw error;
      }
      this.lastPrices = '';
      const index = isRefusal ? error.messageIndex : undefined;
      const refused = batch.length === 1 ? batch[0] : batch[index ?? -1];
      if (refused === undefined) {
        let delivered = 0;
        for (const step of batch) {
          delivered += await this.sendBatch([step]);
        }
        return delivered;
      }
      this.reportRefusal(refused, error);
      const rest = batch.filter((step) => step !== refused);
      return rest.length === 0 ? 0 : this.sendBatch(rest);
    }
  }

  private reportRefusal(step: Step, error: unknown): void {
    const { operation, account } = step;
    if (error instanceof PlimsollError && error.symbol !== ABORTED) {
      const { symbol: code, detail, transactionHash: transaction } = error;
      this.metrics.refusals.inc({ code });
      this.log.warn('refused', { operation, account, code, detail, transaction });
      return;
    }
    const seconds = this.failures.add(keyOf(step));
    this.log.error('failed', { operation, account, wait_s: seconds, error: textOf(error) });
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
    for (const step of steps) {
      this.metrics.operations.inc({ operation: step.operation });
      this.failures.delete(keyOf(step));
      if (step.operation === 'settle') {
        this.settled.add(keyOf(step));
      }
    }
    try {
      const events = parseEvents(result.events, contract);
      this.reportEvents(events, result.transactionHash);
    } catch (error) {
      this.log.warn('cannot read an event', { error: textOf(error) });
    }
    this.log.info('delivered', {
      transaction: result.transactionHash,
      height: result.height,
      operations: steps.length,
      gas: String(result.gasUsed),
    });
    return steps.length;
  }

  private reportEvents(events: readonly PlimsollEvent[], transaction: string): void {
    const gain = gainOf(events, this.own, this.assets);
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
