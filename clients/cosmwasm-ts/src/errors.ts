// SPDX-License-Identifier: Apache-2.0
// Refusals of the contract, found in the text that a chain wraps around them.
import { ERRORS, type ErrorSymbol } from './generated/abi.js';

/** The contract stopped itself: an invariant did not hold. Nothing was written. */
export const ABORTED = 'ABORTED';

/** Why an operation or a query was refused. */
export class PlimsollError extends Error {
  override readonly name = 'PlimsollError';

  constructor(
    /** Symbol of `abi/errors.def`, or `ABORTED`. */
    readonly symbol: ErrorSymbol | typeof ABORTED,
    /** What the contract said after the symbol; names the field where the message is at fault. */
    readonly detail: string,
    /** Which message of the transaction it was; undefined where the chain does not say. */
    readonly messageIndex: number | undefined,
    /** Hash of the transaction that failed; undefined for queries and simulations. */
    readonly transactionHash: string | undefined,
    options?: ErrorOptions,
  ) {
    super(`${symbol}: ${detail}`, options);
  }

  /** Number of the code in `abi/errors.def`; 0 for `ABORTED`. */
  get code(): number {
    return this.symbol === ABORTED ? 0 : ERRORS[this.symbol].code;
  }

  /** INPUT, AUTH, STATE, ORACLE, LIMIT, RISK, PARAM or HOST. */
  get family(): string {
    return this.symbol === ABORTED ? 'HOST' : ERRORS[this.symbol].family;
  }
}

// The chain appends ": execute wasm contract failed" and, in a simulation, where in its source.
const SUFFIXES = [
  ': (?:execute|instantiate|query|migrate|reply|sudo) wasm contract failed',
  '\\s*\\[[\\w./@-]+:\\d+\\]',
  ': with gas used',
  '$',
];
const REFUSAL = new RegExp(`\\b(E_[A-Z_]+): (.*?)(?=${SUFFIXES.join('|')})`, 's');
const ABORT = /plimsoll: invariant, line \d+/;
const INDEX = /message index: (\d+)/;
const HASH = /\btx ([0-9A-F]{64})\b/i;

/**
 * The refusal in a text: the raw log of a transaction, the message of a failed query or
 * simulation. Undefined where the contract did not speak: out of gas, no connection, funds missing.
 */
export function parseRefusal(text: string, options?: ErrorOptions): PlimsollError | undefined {
  const index = INDEX.exec(text)?.[1];
  const messageIndex = index === undefined ? undefined : Number(index);
  const hash = HASH.exec(text)?.[1]?.toUpperCase();
  const found = REFUSAL.exec(text);
  const symbol = found?.[1];
  if (found !== null && symbol !== undefined && Object.hasOwn(ERRORS, symbol)) {
    const detail = (found[2] ?? '').trim();
    return new PlimsollError(symbol as ErrorSymbol, detail, messageIndex, hash, options);
  }
  const abort = ABORT.exec(text)?.[0];
  if (abort !== undefined) {
    return new PlimsollError(ABORTED, abort, messageIndex, hash, options);
  }
  return undefined;
}

/** Waits for a call and throws a PlimsollError instead of the chain's error where there is one. */
export async function explain<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw parseRefusal(text, { cause: error }) ?? error;
  }
}
