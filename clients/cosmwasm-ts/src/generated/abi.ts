// SPDX-License-Identifier: Apache-2.0
// Written by scripts/generate.mjs from abi/plm_abi.json: change those, not this file.
import type { AssetParams, FeedParams, MarketParams } from './Plimsoll.types.js';

/** Version of the contract that this client was generated for. */
export const CONTRACT_VERSION = "0.1.0";

/** `market` of an operation that names no market: the global tranche, all markets, none. */
export const NO_MARKET = 65535;

/** Result codes of abi/errors.def. */
export const ERRORS = {
  OK: { code: 0, family: "NONE", text: "success" },
  E_LENGTH: { code: 101, family: "INPUT", text: "the message bytes have the wrong length" },
  E_FIELD: { code: 102, family: "INPUT", text: "a field is not canonical or names an unknown member" },
  E_RANGE: { code: 103, family: "INPUT", text: "a field is outside its range" },
  E_AMOUNT_ZERO: { code: 104, family: "INPUT", text: "the amount or size is zero" },
  E_OVERFLOW: { code: 105, family: "INPUT", text: "the result does not fit the engine's bounds" },
  E_AUTH: { code: 201, family: "AUTH", text: "the caller does not own this account" },
  E_ROLE: { code: 202, family: "AUTH", text: "the caller does not hold the role this operation needs" },
  E_BUDGET: { code: 203, family: "AUTH", text: "the delegate's grant or loss budget does not cover this" },
  E_NO_ACCOUNT: { code: 301, family: "STATE", text: "no such account" },
  E_NO_ASSET: { code: 302, family: "STATE", text: "no such asset" },
  E_NO_MARKET: { code: 303, family: "STATE", text: "no such market, feed or position" },
  E_NO_PROPOSAL: { code: 306, family: "STATE", text: "no such proposal" },
  E_EXISTS: { code: 304, family: "STATE", text: "it exists already" },
  E_DUPLICATE: { code: 305, family: "STATE", text: "this id was used before" },
  E_PAUSED: { code: 401, family: "STATE", text: "paused by the guardian" },
  E_STATUS: { code: 402, family: "STATE", text: "the status of the market or account does not allow this" },
  E_REDUCE_ONLY: { code: 403, family: "STATE", text: "the market only accepts trades that reduce risk" },
  E_MODE: { code: 404, family: "STATE", text: "the account's mode does not allow this" },
  E_GRACE: { code: 405, family: "STATE", text: "grace period after a price gap: liquidations wait" },
  E_PROPOSAL_VOID: { code: 406, family: "STATE", text: "the proposal has expired, or what it would change is no longer as it was" },
  E_PRICE_DOMAIN: { code: 501, family: "ORACLE", text: "the price is zero or outside the feed's domain" },
  E_PRICE_TIME: { code: 502, family: "ORACLE", text: "the publish time is in the future or not newer than the last one" },
  E_PRICE_SOURCES: { code: 503, family: "ORACLE", text: "too few live sources for an aggregate" },
  E_PRICE_CONF: { code: 504, family: "ORACLE", text: "the price's confidence interval is too wide" },
  E_PRICE_BAND: { code: 505, family: "ORACLE", text: "the price is outside the band around the accepted one" },
  E_PRICE_STALE: { code: 506, family: "ORACLE", text: "the accepted price is older than the feed's age bound" },
  E_GAP: { code: 507, family: "ORACLE", text: "the feed is in gap mode: prices must agree first" },
  E_FILL_BAND: { code: 508, family: "ORACLE", text: "the fill is outside the band around the price" },
  E_CAP_DEPOSIT: { code: 601, family: "LIMIT", text: "the asset's deposit cap is reached" },
  E_CAP_OI: { code: 602, family: "LIMIT", text: "the market's open interest cap is reached" },
  E_CAP_POSITION: { code: 603, family: "LIMIT", text: "the position would exceed its cap" },
  E_POSITIONS_MAX: { code: 604, family: "LIMIT", text: "the account has no room for another position" },
  E_COLLATERALS_MAX: { code: 605, family: "LIMIT", text: "the account has no room for another collateral" },
  E_MIN_ORDER: { code: 606, family: "LIMIT", text: "the size is below the market's minimum order" },
  E_LOSS_PENDING: { code: 607, family: "LIMIT", text: "the market has losses that insurance cannot cover: no new risk" },
  E_OUTFLOW: { code: 608, family: "LIMIT", text: "the outflow limit is reached" },
  E_BALANCE: { code: 701, family: "RISK", text: "the balance is too small" },
  E_PROFIT_UNPAID: { code: 702, family: "RISK", text: "the amount exceeds cash: this profit is not yet paid by a loser" },
  E_BELOW_INITIAL: { code: 703, family: "RISK", text: "the account would end below its initial margin" },
  E_DEBT: { code: 704, family: "RISK", text: "the account would owe more than the debt limit" },
  E_INSUFFICIENT_FUNDS_ATTACHED: { code: 705, family: "RISK", text: "the call does not carry the tokens it claims to deposit" },
  E_NOT_LIQUIDATABLE: { code: 801, family: "RISK", text: "the account is not liquidatable" },
  E_SELF_LIQUIDATION: { code: 802, family: "RISK", text: "an owner cannot liquidate his own account" },
  E_COOLDOWN: { code: 803, family: "RISK", text: "the account was liquidated a moment ago: wait for the cooldown" },
  E_NOT_NEEDED: { code: 804, family: "RISK", text: "nothing is left to do here" },
  E_PARAM_RANGE: { code: 901, family: "PARAM", text: "a parameter is outside its range" },
  E_PARAM_ENVELOPE: { code: 902, family: "PARAM", text: "the worst move could cost more than the insurance allotment" },
  E_PARAM_STEP: { code: 903, family: "PARAM", text: "one change moves a live parameter by at most a fifth" },
  E_PARAM_DELAY: { code: 904, family: "PARAM", text: "it must wait for its notice" },
  E_HOST: { code: 1001, family: "HOST", text: "the host refused or failed" },
  E_VERSION: { code: 1002, family: "HOST", text: "a record or message has an unknown version" },
} as const;

/** The symbol of a result code. */
export type ErrorSymbol = keyof typeof ERRORS;

/** MODE of abi/enums.def. */
export const Mode = {
  /** any markets */
  CROSS: 0,
  /** one market */
  ISOLATED: 1,
} as const;

/** STATUS of abi/enums.def. */
export const Status = {
  /** listed, not open */
  INIT: 0,
  /** open */
  ACTIVE: 1,
  /** trades may only reduce */
  REDUCE_ONLY: 2,
  /** closing at the settlement price */
  SETTLING: 3,
  /** closed */
  RESOLVED: 4,
} as const;

/** ROLE of abi/enums.def. */
export const Role = {
  /** lists, changes parameters, names roles */
  ADMIN: 0,
  /** sets pause bits, cancels proposals */
  GUARDIAN: 1,
  /** submits fills */
  MATCHER: 2,
} as const;

/** PAUSE of abi/enums.def. */
export const Pause = {
  /** trades that increase risk; until the admin lifts it */
  INCREASE: 0,
  /** trades that reduce risk; 24 h */
  REDUCE: 1,
  /** flags, takeovers, collateral sales; 4 h */
  LIQUIDATE: 2,
  /** funding samples; 4 h */
  FUND: 3,
  /** forced closes; 4 h */
  DELEVERAGE: 4,
  /** deposits; 24 h */
  DEPOSIT: 5,
  /** withdrawals and transfers; 24 h */
  WITHDRAW: 6,
  /** settlements; 24 h */
  SETTLE: 7,
} as const;

/** LEVEL of abi/enums.def. */
export const Level = {
  /** E_im >= call_level x IM */
  HEALTHY: 0,
  /** IM <= E_im < call_level x IM */
  MARGIN_CALL: 1,
  /** E_im < IM */
  RESTRICTED: 2,
  /** E_mm < MM */
  LIQUIDATABLE: 3,
  /** E_mm < 2/3 MM */
  BACKSTOP: 4,
  /** E_full < 0 */
  BANKRUPT: 5,
} as const;

/** CHANGE of abi/enums.def. */
export const Change = {
  /** a parameter of a market, feed or asset */
  PARAM: 0,
  /** a market opens */
  STATUS: 1,
  /** a role changes hands */
  ROLE: 2,
  /** a feed gets a publisher */
  PUBLISHER: 3,
} as const;

/** TARGET of abi/enums.def. */
export const Target = {
  /** a market */
  MARKET: 0,
  /** a feed */
  FEED: 1,
  /** an asset */
  ASSET: 2,
} as const;

/** Named lines of abi/lines.def. */
export const Line = {
  /** losses collected and not yet paid out */
  POOL: 1,
  /** trading fees in cash */
  FEES: 2,
  /** trading fees charged, a claim on the pool */
  FEES_DUE: 3,
  /** the market's insurance tranche in cash */
  INSURANCE: 4,
  /** insurance fees and rounding excess, a claim on the pool */
  INSURANCE_DUE: 5,
  /** losses that nobody covered [LOSS-7] */
  UNCOVERED: 6,
  /** profit that settle could not pay: a record, not a balance [LEDGER-7] */
  SHORTFALL: 7,
  /** the global insurance tranche in cash */
  GLOBAL: 8,
  /** residues of splits, in cash */
  DUST: 9,
  /** tokens that came unasked, in atoms [LEDGER-5] */
  SURPLUS: 10,
} as const;

/** Bounds of abi/limits.def. */
export const LIMITS = {
  /** UNIT-3: positions of one account, claims and debts included */
  POSITIONS_MAX: 64,
  /** UNIT-3: non-cash collateral balances of one account */
  COLLATERALS_MAX: 8,
  /** market ids 0 to 255: one byte of slot index each in working memory */
  MARKETS_MAX: 256,
  /** markets one operation may touch */
  MARKET_SLOTS: 72,
  /** feed ids 0 to 511 */
  FEEDS_MAX: 512,
  /** feeds one operation may touch */
  FEED_SLOTS: 80,
  /** asset ids 0 to 63 */
  ASSETS_MAX: 64,
  /** assets one operation may touch */
  ASSET_SLOTS: 20,
  /** accounts one operation may touch */
  ACCOUNT_SLOTS: 12,
  /** fills in one trade message: two accounts each */
  FILLS_MAX: 6,
  /** quotes in one publish message */
  PRICES_MAX: 16,
  /** publishers of one feed: the median sorts them */
  PUBLISHERS_MAX: 8,
  /** candidate aggregates a feed keeps in gap mode */
  CANDIDATES_MAX: 8,
  /** one delegate and the owner's own budget */
  GRANTS_MAX: 2,
  /** markets named by one account's grants */
  GRANT_MARKETS_MAX: 16,
  /** length of a de-risking order */
  ORDER_MAX: 16,
  /** accounts in one page */
  PAGE_MAX: 32,
  /** token amounts that one call may carry */
  FUNDS_MAX: 4,
  /** longest message */
  MESSAGE_MAX: 2304,
  /** longest record */
  RECORD_MAX: 6144,
  /** event bytes of one operation */
  EVENTS_MAX: 8192,
  /** longest reply */
  REPLY_MAX: 8192,
  /** longest address of a chain */
  ADDR_MAX: 64,
  /** longest embedded message */
  BYTES_MAX: 2048,
  /** UNIT-3: no balance above 4e13 */
  BALANCE_MAX: 40000000,
  /** UNIT-3: no collateral of an account counts for more than 2.5e11: 8 of them and the positions stay below 2^127 x ppm */
  COLLATERAL_VALUE_MAX: 250000,
  /** UNIT-3: no position above 1e12 */
  NOTIONAL_MAX: 1000000,
  /** UNIT-1: size_decimals + price_decimals */
  DECIMALS: 18,
  /** LIQ-2: bisection over lots */
  BISECT_MAX: 64,
  /** PRICE-1: a publisher far outside twice in a row is left out for so long */
  MUTE: 3600,
  /** PRICE-1: far outside so many times in a row */
  STRIKES: 2,
  /** PRICE-1: far outside: more than so many times the confidence from the median */
  FAR: 3,
  /** PRICE-1: least number of live quotes that can outvote one */
  FAR_SOURCES: 3,
  /** PRICE-5, PRICE-7: least distance of two candidates */
  SPACING: 1,
  /** PRICE-5: candidates need not agree for longer */
  HOLD_MAX: 300,
  /** PRICE-5: candidates that must agree, if k is less */
  CANDIDATES_MIN: 2,
  /** PRICE-7: a liquidation that is possible happens within it */
  BLOCK_BOUND: 30,
  /** FUND-2: the rate is fixed at each full hour */
  HOUR: 3600,
  /** FUND-2: with fewer the rate is the interest part */
  SAMPLES_MIN: 15,
  /** FUND-2: one a second; more are skipped */
  SAMPLES_MAX: 3600,
  /** FUND-2: the interest and its clamps are stated for 8 hours */
  FUNDING_HOURS: 8,
  /** FUND-2: interest moves the premium by at most 0.05 % in 8 hours */
  FUNDING_SPREAD: 500000,
  /** FUND-2: |rate_8h| <= 6 x (initial - maint) */
  FUNDING_BOUND: 6,
  /** GOV-2: members of PAUSE in enums.def */
  PAUSE_BITS: 8,
  /** GOV-2: liquidate, fund, deleverage */
  PAUSE_SHORT: 14400,
  /** GOV-2: reduce, deposit, settle, withdraw */
  PAUSE_LONG: 86400,
  /** GOV-2: from setting a bit to setting it again; increase is free */
  PAUSE_AGAIN: 604800,
  /** GOV-3: a proposal may be executed after it */
  NOTICE: 172800,
  /** GOV-3: and until then */
  PROPOSAL_LIFE: 604800,
  /** GOV-3: most that one proposal moves a parameter, of its value; a ratio from 0: most it may become */
  STEP: 200000,
} as const;

/** A parameter; loosening: the direction that lowers safety. */
export interface Parameter {
  readonly name: string;
  readonly id: number;
  readonly target: 'market' | 'feed' | 'asset';
  readonly type: string;
  readonly min: string;
  readonly max: string;
  readonly loosening: -1 | 0 | 1;
  readonly rule: string;
  readonly text: string;
}

/** Parameters of abi/params.def. */
export const PARAMS: readonly Parameter[] = [
  { name: "initial", id: 1, target: "market", type: "RATIO", min: "1", max: "1000000", loosening: -1, rule: "MARGIN-3", text: "initial margin ratio" },
  { name: "maint", id: 2, target: "market", type: "RATIO", min: "1", max: "1000000", loosening: 0, rule: "MARGIN-3", text: "maintenance margin ratio, at most initial" },
  { name: "floor", id: 3, target: "market", type: "VAL", min: "0", max: "1000000", loosening: 0, rule: "MARGIN-6", text: "least requirement of a position" },
  { name: "min_order", id: 4, target: "market", type: "QTY", min: "1", max: "1000000000000000", loosening: -1, rule: "ACCT-7", text: "least size of a fill, in lots" },
  { name: "max_lots", id: 5, target: "market", type: "QTY", min: "1", max: "4000000000000000000", loosening: 1, rule: "UNIT-3", text: "largest position in lots; max_lots x price_max <= 1e12 quote units" },
  { name: "imf", id: 6, target: "market", type: "RATE", min: "0", max: "1000000000", loosening: 0, rule: "MARGIN-3", text: "size premium per square root of the base size" },
  { name: "oi_lower", id: 7, target: "market", type: "VAL", min: "0", max: "1000000000000", loosening: 1, rule: "MARGIN-4", text: "open interest where the initial ratio starts to grow; 0 = off" },
  { name: "oi_upper", id: 8, target: "market", type: "VAL", min: "0", max: "1000000000000", loosening: 1, rule: "MARGIN-4", text: "open interest where the initial ratio reaches 100 %" },
  { name: "oi_cap", id: 9, target: "market", type: "VAL", min: "0", max: "1000000000000", loosening: 1, rule: "PRICE-7", text: "open interest cap, value of one side" },
  { name: "position_cap", id: 10, target: "market", type: "VAL", min: "0", max: "1000000000000", loosening: 1, rule: "UNIT-3", text: "largest position by value" },
  { name: "gain_weight", id: 11, target: "market", type: "RATIO", min: "0", max: "1000000", loosening: 1, rule: "MARGIN-2", text: "weight of unrealised gains in initial equity" },
  { name: "gain_cap", id: 12, target: "market", type: "VAL", min: "0", max: "1000000000000", loosening: 1, rule: "MARGIN-2", text: "largest gain counted in initial equity" },
  { name: "fee_maker", id: 13, target: "market", type: "RATIO", min: "0", max: "100000", loosening: 0, rule: "ACCT-5", text: "maker fee of a fill" },
  { name: "fee_taker", id: 14, target: "market", type: "RATIO", min: "0", max: "100000", loosening: 0, rule: "ACCT-5", text: "taker fee of a fill" },
  { name: "liq_fee", id: 15, target: "market", type: "RATIO", min: "0", max: "500000", loosening: 1, rule: "LIQ-3", text: "liquidator's fee at first, f0" },
  { name: "liq_fee_max", id: 16, target: "market", type: "RATIO", min: "0", max: "500000", loosening: 1, rule: "LIQ-3", text: "liquidator's largest fee, f_max" },
  { name: "liq_fee_growth", id: 17, target: "market", type: "RATIO", min: "0", max: "1000000", loosening: 1, rule: "LIQ-3", text: "growth of that fee a second" },
  { name: "liq_insurance_fee", id: 18, target: "market", type: "RATIO", min: "0", max: "500000", loosening: -1, rule: "LIQ-3", text: "insurance fee of a liquidation, f_i" },
  { name: "liq_target", id: 19, target: "market", type: "RATIO", min: "0", max: "1000000", loosening: 1, rule: "LIQ-2", text: "beta: where between MM and IM a liquidation ends" },
  { name: "liq_slice", id: 20, target: "market", type: "RATIO", min: "1", max: "1000000", loosening: 0, rule: "LIQ-5", text: "first slice of a large position" },
  { name: "liq_slice_above", id: 21, target: "market", type: "VAL", min: "0", max: "1000000000000", loosening: 0, rule: "LIQ-5", text: "positions above this value are taken in slices" },
  { name: "liq_cooldown", id: 22, target: "market", type: "U32", min: "0", max: "86400", loosening: 0, rule: "LIQ-5", text: "wait after a full slice" },
  { name: "liq_window", id: 23, target: "market", type: "U32", min: "0", max: "86400", loosening: 0, rule: "LIQ-5", text: "length of the liquidation window; 0 = off" },
  { name: "liq_window_cap", id: 24, target: "market", type: "VAL", min: "0", max: "1000000000000", loosening: 0, rule: "LIQ-5", text: "value taken over in one window" },
  { name: "call_level", id: 25, target: "market", type: "RATIO", min: "0", max: "10000000", loosening: 0, rule: "MARGIN-7", text: "margin call below this share of IM" },
  { name: "fill_band", id: 26, target: "market", type: "RATIO", min: "0", max: "500000", loosening: 1, rule: "PRICE-6", text: "largest distance of a fill from the price" },
  { name: "withdraw_floor", id: 27, target: "market", type: "RATIO", min: "0", max: "1000000", loosening: -1, rule: "WD-1", text: "share of gross notional that must stay" },
  { name: "allotment", id: 28, target: "market", type: "VAL", min: "0", max: "1000000000000", loosening: 1, rule: "PRICE-7", text: "insurance that stands behind the market's envelope" },
  { name: "draw_cap", id: 29, target: "market", type: "VAL", min: "0", max: "1000000000000", loosening: 1, rule: "LOSS-1", text: "largest insurance draw in any 24 h, each tranche" },
  { name: "loss_cap", id: 30, target: "market", type: "RATIO", min: "0", max: "1000000", loosening: 1, rule: "LOSS-2", text: "largest loss charged to the opposing side in one step, share of price; at most initial" },
  { name: "grace_pay", id: 31, target: "market", type: "U32", min: "0", max: "604800", loosening: 1, rule: "LIQ-6", text: "how long a shortfall waits before collateral is sold for it" },
  { name: "debt_limit", id: 32, target: "market", type: "VAL", min: "0", max: "0", loosening: 1, rule: "MARGIN-8", text: "debt allowed beyond cash; 0 in this version" },
  { name: "funding_interest", id: 33, target: "market", type: "RATE", min: "-10000000", max: "10000000", loosening: 0, rule: "FUND-2", text: "interest part of the 8 h rate" },
  { name: "funding_cap", id: 34, target: "market", type: "RATE", min: "0", max: "100000000", loosening: 1, rule: "FUND-2", text: "largest |rate| an hour" },
  { name: "age", id: 64, target: "feed", type: "U32", min: "1", max: "86400", loosening: 1, rule: "PRICE-1", text: "how old a price may be" },
  { name: "skew", id: 65, target: "feed", type: "U32", min: "0", max: "60", loosening: 1, rule: "PRICE-2", text: "how far in the future a publish time may lie" },
  { name: "sources", id: 66, target: "feed", type: "U8", min: "1", max: "8", loosening: -1, rule: "PRICE-1", text: "k: least number of live sources" },
  { name: "band", id: 67, target: "feed", type: "RATIO", min: "1", max: "1000000", loosening: 1, rule: "PRICE-2", text: "largest step of an accepted price" },
  { name: "band_rate", id: 68, target: "feed", type: "RATIO", min: "0", max: "1000000", loosening: 1, rule: "PRICE-2", text: "widening of the band a second" },
  { name: "band_max", id: 69, target: "feed", type: "RATIO", min: "1", max: "1000000", loosening: 1, rule: "PRICE-2", text: "widest band" },
  { name: "window", id: 70, target: "feed", type: "U32", min: "1", max: "86400", loosening: 0, rule: "PRICE-2", text: "length of the price window" },
  { name: "window_band", id: 71, target: "feed", type: "RATIO", min: "1", max: "1000000", loosening: 1, rule: "PRICE-2", text: "largest move from the window's start" },
  { name: "conf_high", id: 72, target: "feed", type: "RATIO", min: "0", max: "1000000", loosening: 1, rule: "PRICE-4", text: "confidence above which risk may not grow" },
  { name: "conf_max", id: 73, target: "feed", type: "RATIO", min: "0", max: "1000000", loosening: 1, rule: "PRICE-2", text: "confidence above which an aggregate is refused" },
  { name: "slow_tau", id: 74, target: "feed", type: "U32", min: "1", max: "604800", loosening: -1, rule: "PRICE-3", text: "time constant of the slow price" },
  { name: "slow_rate", id: 75, target: "feed", type: "RATE", min: "1", max: "1000000000", loosening: 1, rule: "PRICE-3", text: "largest step of the slow price a second" },
  { name: "gap", id: 76, target: "feed", type: "U32", min: "1", max: "86400", loosening: 1, rule: "PRICE-5", text: "jump in time that starts gap mode" },
  { name: "gap_hold", id: 77, target: "feed", type: "U32", min: "1", max: "3600", loosening: -1, rule: "PRICE-5", text: "how long candidates must agree, a band of distance; at most 300 s" },
  { name: "agree", id: 78, target: "feed", type: "RATIO", min: "1", max: "1000000", loosening: 1, rule: "PRICE-5", text: "how close candidates must lie" },
  { name: "grace", id: 79, target: "feed", type: "U32", min: "0", max: "3600", loosening: -1, rule: "PRICE-5", text: "liquidations wait this long after gap mode" },
  { name: "price_min", id: 80, target: "feed", type: "PRICE", min: "1", max: "1000000000000000000", loosening: -1, rule: "PRICE-2", text: "lower bound of the domain, itself refused" },
  { name: "price_max", id: 81, target: "feed", type: "PRICE", min: "2", max: "9000000000000000000", loosening: 1, rule: "PRICE-2", text: "upper bound of the domain, itself refused" },
  { name: "weight_initial", id: 96, target: "asset", type: "RATIO", min: "0", max: "1000000", loosening: 1, rule: "ACCT-6", text: "collateral weight in initial equity" },
  { name: "weight_maint", id: 97, target: "asset", type: "RATIO", min: "0", max: "1000000", loosening: 0, rule: "ACCT-6", text: "collateral weight in maintenance equity" },
  { name: "cap", id: 98, target: "asset", type: "AMT", min: "0", max: "1", loosening: 1, rule: "ACCT-6", text: "deposit cap of all accounts together" },
  { name: "scale_start", id: 99, target: "asset", type: "VAL", min: "0", max: "1000000000000", loosening: 1, rule: "ACCT-6", text: "total value where the initial weight starts to fall; 0 = off" },
  { name: "discount", id: 100, target: "asset", type: "RATIO", min: "0", max: "1000000", loosening: 1, rule: "LIQ-6", text: "sale discount at first, d_0" },
  { name: "discount_max", id: 101, target: "asset", type: "RATIO", min: "0", max: "1000000", loosening: 1, rule: "LIQ-6", text: "largest sale discount, d_max; at most 1 - weight_maint" },
  { name: "discount_growth", id: 102, target: "asset", type: "RATIO", min: "0", max: "1000000", loosening: 1, rule: "LIQ-6", text: "growth of the discount a second" },
];

/** Default parameters of a market, the market M0 of abi/params.def. */
export const DEFAULT_MARKET_PARAMS: Readonly<MarketParams> = Object.freeze({
  /** initial margin ratio [MARGIN-3]; 10% */
  initial: 100000,
  /** maintenance margin ratio, at most initial [MARGIN-3]; 5% */
  maint: 50000,
  /** least requirement of a position [MARGIN-6]; 1 */
  floor: "1000000000000000000",
  /** least size of a fill, in lots [ACCT-7]; 1 */
  min_order: "1",
  /** largest position in lots; max_lots x price_max <= 1e12 quote units [UNIT-3]; 500_000_000_000_000 */
  max_lots: "500000000000000",
  /** size premium per square root of the base size [MARGIN-3]; 0 */
  imf: "0",
  /** open interest where the initial ratio starts to grow; 0 = off [MARGIN-4]; 0 */
  oi_lower: "0",
  /** open interest where the initial ratio reaches 100 % [MARGIN-4]; 0 */
  oi_upper: "0",
  /** open interest cap, value of one side [PRICE-7]; 10_000_000 */
  oi_cap: "10000000000000000000000000",
  /** largest position by value [UNIT-3]; 1_000_000_000_000 */
  position_cap: "1000000000000000000000000000000",
  /** weight of unrealised gains in initial equity [MARGIN-2]; 100% */
  gain_weight: 1000000,
  /** largest gain counted in initial equity [MARGIN-2]; 1_000_000_000_000 */
  gain_cap: "1000000000000000000000000000000",
  /** maker fee of a fill [ACCT-5]; 0% */
  fee_maker: 0,
  /** taker fee of a fill [ACCT-5]; 0% */
  fee_taker: 0,
  /** liquidator's fee at first, f0 [LIQ-3]; 1% */
  liq_fee: 10000,
  /** liquidator's largest fee, f_max [LIQ-3]; 2.5% */
  liq_fee_max: 25000,
  /** growth of that fee a second [LIQ-3]; 0.005% */
  liq_fee_growth: 50,
  /** insurance fee of a liquidation, f_i [LIQ-3]; 0.5% */
  liq_insurance_fee: 5000,
  /** beta: where between MM and IM a liquidation ends [LIQ-2]; 25% */
  liq_target: 250000,
  /** first slice of a large position [LIQ-5]; 20% */
  liq_slice: 200000,
  /** positions above this value are taken in slices [LIQ-5]; 100_000 */
  liq_slice_above: "100000000000000000000000",
  /** wait after a full slice [LIQ-5]; 30s */
  liq_cooldown: 30,
  /** length of the liquidation window; 0 = off [LIQ-5]; 0s */
  liq_window: 0,
  /** value taken over in one window [LIQ-5]; 0 */
  liq_window_cap: "0",
  /** margin call below this share of IM [MARGIN-7]; 110% */
  call_level: 1100000,
  /** largest distance of a fill from the price [PRICE-6]; 5% */
  fill_band: 50000,
  /** share of gross notional that must stay [WD-1]; 10% */
  withdraw_floor: 100000,
  /** insurance that stands behind the market's envelope [PRICE-7]; 2_000_000 */
  allotment: "2000000000000000000000000",
  /** largest insurance draw in any 24 h, each tranche [LOSS-1]; 2_000_000 */
  draw_cap: "2000000000000000000000000",
  /** largest loss charged to the opposing side in one step, share of price; at most initial [LOSS-2]; 10% */
  loss_cap: 100000,
  /** how long a shortfall waits before collateral is sold for it [LIQ-6]; 600s */
  grace_pay: 600,
  /** debt allowed beyond cash; 0 in this version [MARGIN-8]; 0 */
  debt_limit: "0",
  /** interest part of the 8 h rate [FUND-2]; 0.01% */
  funding_interest: "100000",
  /** largest |rate| an hour [FUND-2]; 4% */
  funding_cap: "40000000",
});

/** Default parameters of a feed, the market M0 of abi/params.def. */
export const DEFAULT_FEED_PARAMS: Readonly<FeedParams> = Object.freeze({
  /** how old a price may be [PRICE-1]; 30s */
  age: 30,
  /** how far in the future a publish time may lie [PRICE-2]; 5s */
  skew: 5,
  /** k: least number of live sources [PRICE-1]; 1 */
  sources: 1,
  /** largest step of an accepted price [PRICE-2]; 10% */
  band: 100000,
  /** widening of the band a second [PRICE-2]; 0.05% */
  band_rate: 500,
  /** widest band [PRICE-2]; 30% */
  band_max: 300000,
  /** length of the price window [PRICE-2]; 300s */
  window: 300,
  /** largest move from the window's start [PRICE-2]; 20% */
  window_band: 200000,
  /** confidence above which risk may not grow [PRICE-4]; 0.5% */
  conf_high: 5000,
  /** confidence above which an aggregate is refused [PRICE-2]; 1% */
  conf_max: 10000,
  /** time constant of the slow price [PRICE-3]; 3600s */
  slow_tau: 3600,
  /** largest step of the slow price a second [PRICE-3]; 0.03% */
  slow_rate: "300000",
  /** jump in time that starts gap mode [PRICE-5]; 60s */
  gap: 60,
  /** how long candidates must agree, a band of distance; at most 300 s [PRICE-5]; 60s */
  gap_hold: 60,
  /** how close candidates must lie [PRICE-5]; 2% */
  agree: 20000,
  /** liquidations wait this long after gap mode [PRICE-5]; 120s */
  grace: 120,
  /** lower bound of the domain, itself refused [PRICE-2]; 1 */
  price_min: "1",
  /** upper bound of the domain, itself refused [PRICE-2]; 2_000_000_000_000_000 */
  price_max: "2000000000000000",
});

/** Default parameters of a asset, the market M0 of abi/params.def. */
export const DEFAULT_ASSET_PARAMS: Readonly<AssetParams> = Object.freeze({
  /** collateral weight in initial equity [ACCT-6]; 80% */
  weight_initial: 800000,
  /** collateral weight in maintenance equity [ACCT-6]; 85% */
  weight_maint: 850000,
  /** deposit cap of all accounts together [ACCT-6]; 0 */
  cap: "0",
  /** total value where the initial weight starts to fall; 0 = off [ACCT-6]; 0 */
  scale_start: "0",
  /** sale discount at first, d_0 [LIQ-6]; 2% */
  discount: 20000,
  /** largest sale discount, d_max; at most 1 - weight_maint [LIQ-6]; 10% */
  discount_max: 100000,
  /** growth of the discount a second [LIQ-6]; 0.005% */
  discount_growth: 50,
});

/** Fields of events: what is wider than 32 bits, tokens and hashes are text. */
export interface PlimsollEvents {
  /** the engine exists */
  initialised: {
    /** settlement token */
    token: string;
    /** its decimals */
    decimals: number;
  };
  /** a market, feed or asset was listed */
  listed: {
    /** TARGET in enums.def */
    target: number;
    /** its id */
    id: number;
    /** 1: outside the envelope */
    unbacked: number;
  };
  /** a parameter changed */
  param_set: {
    /** TARGET in enums.def */
    target: number;
    /** its id */
    id: number;
    /** parameter id */
    param: number;
    /** value before */
    before: string;
    /** value after */
    after: string;
  };
  /** a market changed its status */
  status_set: {
    /** market */
    market: number;
    /** STATUS in enums.def */
    status: number;
  };
  /** a role has a new holder */
  role_set: {
    /** ROLE in enums.def */
    role: number;
    /** SHA-256 of the address */
    holder: string;
  };
  /** a publisher was added or removed */
  publisher_set: {
    /** feed */
    feed: number;
    /** SHA-256 of the address */
    publisher: string;
    /** 1 added, 0 removed */
    on: number;
  };
  /** pause bits changed */
  pause_set: {
    /** market, 65535 all */
    market: number;
    /** bits in force */
    bits: number;
  };
  /** a change was proposed; it waits for its notice [GOV-3] */
  proposed: {
    /** proposal id */
    proposal: string;
    /** CHANGE in enums.def */
    change: number;
    /** TARGET in enums.def, of a parameter */
    target: number;
    /** market, feed or asset; of a role its number in ROLE */
    id: number;
    /** parameter id; 0 = no parameter */
    param: number;
    /** value before, of a parameter */
    before: string;
    /** value after, of a parameter */
    after: string;
    /** status after, of a market; 1 of a publisher */
    state: number;
    /** SHA-256 of the address, of a role or publisher */
    holder: string;
  };
  /** a proposal was executed or cancelled */
  proposal_ended: {
    /** proposal id */
    proposal: string;
    /** 1 executed, 0 cancelled */
    executed: number;
  };
  /** an account was opened */
  account_opened: {
    /** account */
    account: string;
    /** SHA-256 of the owner's address */
    owner: string;
    /** owner's number */
    number: number;
    /** MODE in enums.def */
    mode: number;
  };
  /** mode, delegate, order or leverage changed */
  account_set: {
    /** account */
    account: string;
    /** opcode of the change */
    operation: number;
  };
  /** an account was closed */
  account_closed: {
    /** account */
    account: string;
  };
  /** tokens came in */
  deposited: {
    /** account */
    account: string;
    /** asset */
    asset: number;
    /** atoms */
    amount: string;
  };
  /** tokens go out */
  withdrawn: {
    /** account */
    account: string;
    /** asset */
    asset: number;
    /** atoms */
    amount: string;
    /** payout id */
    payout: string;
  };
  /** tokens moved between accounts */
  transferred: {
    /** account that gives */
    from: string;
    /** account that receives */
    to: string;
    /** asset */
    asset: number;
    /** atoms */
    amount: string;
  };
  /** a claim was given to insurance */
  claim_abandoned: {
    /** account */
    account: string;
    /** market */
    market: number;
    /** claim */
    value: string;
  };
  /** an insurance tranche grew */
  insurance_funded: {
    /** market, 65535 global */
    market: number;
    /** atoms */
    amount: string;
  };
  /** tokens came unasked */
  surplus_booked: {
    /** asset */
    asset: number;
    /** atoms */
    amount: string;
  };
  /** surplus was paid out */
  surplus_swept: {
    /** asset */
    asset: number;
    /** atoms */
    amount: string;
  };
  /** a payout arrived, or failed and was re-credited */
  payout_settled: {
    /** payout id */
    payout: string;
    /** 1 arrived, 0 re-credited */
    ok: number;
  };
  /** a fill */
  filled: {
    /** fill id */
    id: string;
    /** market */
    market: number;
    /** buyer */
    buyer: string;
    /** seller */
    seller: string;
    /** size */
    lots: string;
    /** price */
    price: string;
    /** buyer's fee */
    fee_buyer: string;
    /** seller's fee */
    fee_seller: string;
  };
  /** a price was accepted */
  priced: {
    /** feed */
    feed: number;
    /** accepted price */
    price: string;
    /** confidence */
    conf: string;
    /** slow price */
    slow: string;
  };
  /** an aggregate was refused; the accepted price stays */
  price_refused: {
    /** feed */
    feed: number;
    /** error code */
    code: number;
    /** the refused aggregate; 0 = none */
    price: string;
  };
  /** a feed entered gap mode */
  gap_started: {
    /** feed */
    feed: number;
    /** accepted price */
    price: string;
  };
  /** a feed left gap mode; the grace runs */
  gap_ended: {
    /** feed */
    feed: number;
    /** accepted price */
    price: string;
  };
  /** the funding rate of an hour */
  funding_fixed: {
    /** market */
    market: number;
    /** rate an hour */
    rate: string;
    /** samples of the hour before */
    samples: number;
  };
  /** profit or loss became cash */
  settled: {
    /** account */
    account: string;
    /** market */
    market: number;
    /** cash gained (+) or paid (-) */
    value: string;
  };
  /** fee and insurance claims became cash, or filled the uncovered line */
  lines_paid: {
    /** market */
    market: number;
    /** fee claims paid in cash */
    fees: string;
    /** insurance claims paid in cash */
    insurance: string;
  };
  /** a profit waits for cash */
  shortfall: {
    /** market */
    market: number;
    /** who waits */
    account: string;
    /** unpaid profit; 0 = ended */
    value: string;
  };
  /** a margin call began or ended */
  margin_call: {
    /** account */
    account: string;
    /** 1 began, 0 ended */
    open: number;
  };
  /** the liquidation clock began or ended */
  flagged: {
    /** account */
    account: string;
    /** clock's start; 0 = cleared */
    since: string;
  };
  /** lots were taken over */
  liquidated: {
    /** account */
    account: string;
    /** market */
    market: number;
    /** taker */
    taker: string;
    /** lots, signed as the account's position */
    lots: string;
    /** view price */
    price: string;
    /** taker's fee */
    fee_taker: string;
    /** insurance fee */
    fee_insurance: string;
    /** bankruptcy price of the leg [LIQ-7] */
    bankruptcy: string;
  };
  /** collateral was sold */
  collateral_sold: {
    /** account */
    account: string;
    /** asset */
    asset: number;
    /** taker */
    taker: string;
    /** atoms */
    amount: string;
    /** cash paid */
    cash: string;
  };
  /** a deficit was recognised, and who paid it */
  deficit: {
    /** account */
    account: string;
    /** market */
    market: number;
    /** deficit recognised */
    value: string;
    /** paid by the market's tranche */
    insurance: string;
    /** paid by the global tranche */
    global: string;
    /** charged to the opposing side, excess included */
    opposing: string;
    /** booked on the uncovered line */
    uncovered: string;
    /** loss index step, ticks a lot */
    step: string;
  };
  /** a leg was closed against a winner */
  deleveraged: {
    /** account */
    account: string;
    /** market */
    market: number;
    /** winner */
    counterparty: string;
    /** lots, signed as the account's position */
    lots: string;
    /** price */
    price: string;
    /** tip from the tranche */
    tip: string;
  };
}

/** How each attribute of an event is read. */
export const EVENT_FIELDS: {
  readonly [T in keyof PlimsollEvents]: {
    readonly [F in keyof PlimsollEvents[T]]: 'number' | 'string';
  };
} = {
  initialised: { token: "string", decimals: "number" },
  listed: { target: "number", id: "number", unbacked: "number" },
  param_set: { target: "number", id: "number", param: "number", before: "string", after: "string" },
  status_set: { market: "number", status: "number" },
  role_set: { role: "number", holder: "string" },
  publisher_set: { feed: "number", publisher: "string", on: "number" },
  pause_set: { market: "number", bits: "number" },
  proposed: { proposal: "string", change: "number", target: "number", id: "number", param: "number", before: "string", after: "string", state: "number", holder: "string" },
  proposal_ended: { proposal: "string", executed: "number" },
  account_opened: { account: "string", owner: "string", number: "number", mode: "number" },
  account_set: { account: "string", operation: "number" },
  account_closed: { account: "string" },
  deposited: { account: "string", asset: "number", amount: "string" },
  withdrawn: { account: "string", asset: "number", amount: "string", payout: "string" },
  transferred: { from: "string", to: "string", asset: "number", amount: "string" },
  claim_abandoned: { account: "string", market: "number", value: "string" },
  insurance_funded: { market: "number", amount: "string" },
  surplus_booked: { asset: "number", amount: "string" },
  surplus_swept: { asset: "number", amount: "string" },
  payout_settled: { payout: "string", ok: "number" },
  filled: { id: "string", market: "number", buyer: "string", seller: "string", lots: "string", price: "string", fee_buyer: "string", fee_seller: "string" },
  priced: { feed: "number", price: "string", conf: "string", slow: "string" },
  price_refused: { feed: "number", code: "number", price: "string" },
  gap_started: { feed: "number", price: "string" },
  gap_ended: { feed: "number", price: "string" },
  funding_fixed: { market: "number", rate: "string", samples: "number" },
  settled: { account: "string", market: "number", value: "string" },
  lines_paid: { market: "number", fees: "string", insurance: "string" },
  shortfall: { market: "number", account: "string", value: "string" },
  margin_call: { account: "string", open: "number" },
  flagged: { account: "string", since: "string" },
  liquidated: { account: "string", market: "number", taker: "string", lots: "string", price: "string", fee_taker: "string", fee_insurance: "string", bankruptcy: "string" },
  collateral_sold: { account: "string", asset: "number", taker: "string", amount: "string", cash: "string" },
  deficit: { account: "string", market: "number", value: "string", insurance: "string", global: "string", opposing: "string", uncovered: "string", step: "string" },
  deleveraged: { account: "string", market: "number", counterparty: "string", lots: "string", price: "string", tip: "string" },
};
