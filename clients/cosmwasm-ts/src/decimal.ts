// SPDX-License-Identifier: Apache-2.0
// Decimal text to the contract's integers and back, exactly or with an error. No floating point:
// a number of JavaScript never holds money, a price or a size.

/** The text is no decimal number, or has more decimals than the unit can hold. */
export class DecimalError extends Error {
  override readonly name = 'DecimalError';
}

/** Decimals of values inside the engine: 1e-18 quote units. */
export const VALUE_DECIMALS = 18;

/** Most decimals that any unit here has; a larger figure is a mistake. */
const DECIMALS_MAX = 77;

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

function checkDecimals(decimals: number): void {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > DECIMALS_MAX) {
    throw new DecimalError(`decimals must be an integer from 0 to ${DECIMALS_MAX}: ${decimals}`);
  }
}

/**
 * `"12.5"` with 6 decimals is `12500000n`. `_` may group digits. Zeros beyond the unit's decimals
 * are accepted, other digits are an error: nothing is rounded.
 *
 * @throws DecimalError
 */
export function parseDecimal(text: string, decimals: number): bigint {
  checkDecimals(decimals);
  const match = DECIMAL.exec(text.trim().replaceAll(/(?<=\d)_(?=\d)/g, ''));
  if (match === null) {
    throw new DecimalError(`not a decimal number: "${text}"`);
  }
  const whole = match[2] ?? '0';
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > decimals) {
    throw new DecimalError(`"${text}" has more than ${decimals} decimals`);
  }
  const size = BigInt(whole + fraction.padEnd(decimals, '0'));
  return match[1] === '-' ? -size : size;
}

/** `12500000n` with 6 decimals is `"12.5"`. */
export function formatDecimal(value: bigint | string, decimals: number): string {
  checkDecimals(decimals);
  const units = BigInt(value);
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

function unsigned(text: string, decimals: number, what: string): string {
  const value = parseDecimal(text, decimals);
  if (value < 0n) {
    throw new DecimalError(`${what} must not be negative: "${text}"`);
  }
  return value.toString();
}

/** Amount of a token, `"1.5"`, to atoms. `decimals` are the token's. */
export function toAtoms(amount: string, decimals: number): string {
  return unsigned(amount, decimals, 'an amount');
}

/** Atoms to an amount. */
export function fromAtoms(atoms: bigint | string, decimals: number): string {
  return formatDecimal(atoms, decimals);
}

/** Price in quote units to ticks. `decimals` are the feed's `price_decimals`. */
export function toTicks(price: string, decimals: number): string {
  return unsigned(price, decimals, 'a price');
}

/** Ticks to a price in quote units. */
export function fromTicks(ticks: bigint | string, decimals: number): string {
  return formatDecimal(ticks, decimals);
}

/** Size in base units to lots; negative: short. `decimals` are the market's `size_decimals`. */
export function toLots(size: string, decimals: number): string {
  return parseDecimal(size, decimals).toString();
}

/** Lots to a size in base units. */
export function fromLots(lots: bigint | string, decimals: number): string {
  return formatDecimal(lots, decimals);
}

/** Quote units to a value of the engine, 1e-18 quote. */
export function toValue(quote: string): string {
  return parseDecimal(quote, VALUE_DECIMALS).toString();
}

/** A value of the engine to quote units. */
export function fromValue(value: bigint | string): string {
  return formatDecimal(value, VALUE_DECIMALS);
}

/** `"10%"` or `"0.1"` to parts per million, which the contract takes as a number. */
export function toRatio(text: string): number {
  const trimmed = text.trim();
  const ppm = trimmed.endsWith('%')
    ? parseDecimal(trimmed.slice(0, -1), 4)
    : parseDecimal(trimmed, 6);
  if (ppm < 0n || ppm > 4294967295n) {
    throw new DecimalError(`a ratio is from 0 to 429496.7295 %: "${text}"`);
  }
  return Number(ppm);
}

/** Parts per million to a percentage, `"10%"`. */
export function fromRatio(ppm: number): string {
  return `${formatDecimal(BigInt(ppm), 4)}%`;
}

/** `"0.01%"` or `"0.0001"` to a rate of 1e-9. */
export function toRate(text: string): string {
  const trimmed = text.trim();
  const rate = trimmed.endsWith('%')
    ? parseDecimal(trimmed.slice(0, -1), 7)
    : parseDecimal(trimmed, 9);
  return rate.toString();
}
