// SPDX-License-Identifier: Apache-2.0
// Messages that need more than their fields: parameters with defaults, tokens that travel with a
// call, previews.
import type { Coin } from '@cosmjs/amino';
import type { ExecuteInstruction } from '@cosmjs/cosmwasm-stargate';
import { toBase64, toUtf8 } from '@cosmjs/encoding';

import {
  DEFAULT_ASSET_PARAMS,
  DEFAULT_FEED_PARAMS,
  DEFAULT_MARKET_PARAMS,
} from './generated/abi.js';
import type {
  AssetParams,
  ExecuteMsg,
  FeedParams,
  MarketParams,
  Token,
} from './generated/Plimsoll.types.js';

/** Parameters of a market: the defaults, but for those named. */
export function marketParams(changes: Partial<MarketParams> = {}): MarketParams {
  return { ...DEFAULT_MARKET_PARAMS, ...changes };
}

/** Parameters of a feed: the defaults, but for those named. */
export function feedParams(changes: Partial<FeedParams> = {}): FeedParams {
  return { ...DEFAULT_FEED_PARAMS, ...changes };
}

/** Parameters of a collateral asset: the defaults, but for those named. The default cap is zero. */
export function assetParams(changes: Partial<AssetParams> & Pick<AssetParams, 'cap'>): AssetParams {
  return { ...DEFAULT_ASSET_PARAMS, ...changes };
}

/** A coin of the chain as a token. */
export const native = (denom: string): Token => ({ native: denom });

/** A CW20 contract as a token. */
export const cw20 = (address: string): Token => ({ cw20: address });

/** The JSON of a message in base64: for `get_preview` and for a CW20 `send`. */
export const encodeMessage = (msg: ExecuteMsg): string => toBase64(toUtf8(JSON.stringify(msg)));

/** A message as an instruction for `executeMultiple`. */
export function instruction(
  contract: string,
  msg: ExecuteMsg,
  funds: readonly Coin[] = [],
): ExecuteInstruction {
  return { contractAddress: contract, msg, funds };
}

type Carrier =
  Extract<ExecuteMsg, { deposit: unknown }> | Extract<ExecuteMsg, { fund_insurance: unknown }>;

function amountOf(msg: Carrier): string {
  return 'deposit' in msg ? msg.deposit.amount : msg.fund_insurance.amount;
}

/**
 * A deposit, or a payment into insurance, with the token that it names: coins travel with the call;
 * a CW20 token is told to send, and calls the contract itself.
 */
export function withToken(contract: string, token: Token, msg: Carrier): ExecuteInstruction {
  const amount = amountOf(msg);
  if ('native' in token) {
    return instruction(contract, msg, [{ denom: token.native, amount }]);
  }
  return {
    contractAddress: token.cw20,
    msg: { send: { contract, amount, msg: encodeMessage(msg) } },
    funds: [],
  };
}
