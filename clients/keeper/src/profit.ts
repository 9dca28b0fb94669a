// SPDX-License-Identifier: Apache-2.0
// What an operation brings and costs, in 1e-18 quote units. Integers only.
import { parseDecimal, type PlimsollEvent } from '@plimsoll/cosmwasm';

const SCALE = 18;

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
