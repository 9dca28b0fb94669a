// SPDX-License-Identifier: Apache-2.0
// What an operation brings and costs, in 1e-18 quote units. Integers only.
import { eventsOf, parseDecimal, type ExecuteMsg, type PlimsollEvent } from '@plimsoll/cosmwasm';

const SCALE = 18;
const PPM = 1_000_000n;

/** A limit of 0 would be none. */
const atLeastOne = (limit: bigint): bigint => (limit < 1n ? 1n : limit);

/** The number in front of a gas price: "0.025ustake" is 0.025. */
export function gasPriceAmount(gasPrice: string): string {
  return /^[\d.]+/.exec(gasPrice)?.[0] ?? '0';
}

/** Value of gas, rounded up: gas x price in coins x price of a coin in quote units. */
export function gasCost(gas: bigint, gasPrice: string, coinPrice: string): bigint {
  const price = parseDecimal(gasPriceAmount(gasPrice), SCALE);
  const coin = parseDecimal(coinPrice, SCALE);
  const unit = 10n ** BigInt(SCALE);
  return (gas * price * coin + unit - 1n) / unit;
}

/** How to value atoms of an asset. */
export interface AssetPrice {
  readonly decimals: number;
  readonly priceDecimals: number;
  /** Accepted price in ticks. */
  readonly price: string;
}

/** Value of atoms at the accepted price, rounded down. */
export function atomsValue(atoms: string, asset: AssetPrice): bigint {
  const shift = SCALE - asset.decimals - asset.priceDecimals;
  const product = BigInt(atoms) * BigInt(asset.price);
  return shift >= 0 ? product * 10n ** BigInt(shift) : product / 10n ** BigInt(-shift);
}

/** What the events say that the keeper's account gains: fees, tips, bargains. */
export function gainOf(
  events: readonly PlimsollEvent[],
  own: string,
  assets: ReadonlyMap<number, AssetPrice>,
): bigint {
  let gain = 0n;
  for (const event of events) {
    if (event.type === 'liquidated' && event.fields.taker === own) {
      gain += BigInt(event.fields.fee_taker);
    } else if (event.type === 'deleveraged') {
      gain += BigInt(event.fields.tip);
    } else if (event.type === 'collateral_sold' && event.fields.taker === own) {
      const asset = assets.get(event.fields.asset);
      const worth = asset === undefined ? 0n : atomsValue(event.fields.amount, asset);
      gain += worth - BigInt(event.fields.cash);
    }
  }
  return gain;
}

/** A part of a million of a value, up. */
const share = (value: bigint, ppm: bigint): bigint => (value * ppm + PPM - 1n) / PPM;
const divideUp = (value: bigint, by: bigint): bigint => (value + by - 1n) / by;

/**
 * The size that was previewed, and the worst price at which it may still happen: that of the
 * preview, moved by the slippage (parts of a million) against the keeper.
 */
export function withLimit(
  msg: ExecuteMsg,
  events: readonly PlimsollEvent[],
  assets: ReadonlyMap<number, AssetPrice>,
  slippage: bigint,
): ExecuteMsg {
  const [taken] = eventsOf(events, 'liquidated');
  if ('liquidate' in msg && taken !== undefined) {
    const isLong = BigInt(taken.lots) > 0n;
    const lots = BigInt(taken.lots) * (isLong ? 1n : -1n);
    const value = lots * BigInt(taken.price);
    const fee = BigInt(taken.fee_taker);
    const limit = isLong
      ? share(divideUp(value - fee, lots), PPM + slippage)
      : (value + fee) / lots - share((value + fee) / lots, slippage);
    return { liquidate: { ...msg.liquidate, lots: `${lots}`, limit: `${atLeastOne(limit)}` } };
  }
  const [sold] = eventsOf(events, 'collateral_sold');
  const asset = sold === undefined ? undefined : assets.get(sold.asset);
  if ('liquidate_collateral' in msg && sold !== undefined && asset !== undefined) {
    const shift = SCALE - asset.decimals - asset.priceDecimals;
    const atoms = BigInt(sold.amount) * 10n ** BigInt(Math.max(0, shift));
    const cash = BigInt(sold.cash) * 10n ** BigInt(Math.max(0, -shift));
    const limit = share(divideUp(cash, atoms), PPM + slippage);
    const { amount } = sold;
    const fields = { ...msg.liquidate_collateral, amount, limit: `${atLeastOne(limit)}` };
    return { liquidate_collateral: fields };
  }
  return msg;
}
