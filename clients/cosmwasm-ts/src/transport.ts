// SPDX-License-Identifier: Apache-2.0
// What the generated client needs of a connection. The clients of @cosmjs/cosmwasm-stargate have
// this shape; `explained` wraps one so that the contract's refusals arrive as PlimsollError.
import type { Coin, StdFee } from '@cosmjs/amino';
import type { ExecuteResult } from '@cosmjs/cosmwasm-stargate';

import { explain } from './errors.js';

export type { ExecuteResult } from '@cosmjs/cosmwasm-stargate';

/** Reads a contract. */
export interface ICosmWasmClient {
  // The reply's type is known to the generated method that asked, not to the connection.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  queryContractSmart(address: string, query: Record<string, unknown>): Promise<any>;
}

/** Reads and calls a contract. */
export interface ISigningCosmWasmClient extends ICosmWasmClient {
  execute(
    sender: string,
    contract: string,
    msg: Record<string, unknown>,
    fee: StdFee | 'auto' | number,
    memo?: string,
    funds?: readonly Coin[],
  ): Promise<ExecuteResult>;
}

/** A reading connection whose failures are PlimsollError where the contract said why. */
export function explainedReader(client: ICosmWasmClient): ICosmWasmClient {
  return {
    queryContractSmart: (address, query) => explain(client.queryContractSmart(address, query)),
  };
}

/** A signing connection whose failures are PlimsollError where the contract said why. */
export function explainedSigner(client: ISigningCosmWasmClient): ISigningCosmWasmClient {
  return {
    ...explainedReader(client),
    execute: (...args) => explain(client.execute(...args)),
  };
}
