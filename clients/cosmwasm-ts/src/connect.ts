// SPDX-License-Identifier: Apache-2.0
// Connections to a node, and the client of one contract on them.
import type { StdFee } from '@cosmjs/amino';
import {
  CosmWasmClient,
  SigningCosmWasmClient,
  type ExecuteInstruction,
  type ExecuteResult,
} from '@cosmjs/cosmwasm-stargate';
import { fromUtf8, toUtf8 } from '@cosmjs/encoding';
import { DirectSecp256k1HdWallet, type OfflineSigner } from '@cosmjs/proto-signing';
import { GasPrice } from '@cosmjs/stargate';
import {
  Comet1Client,
  Comet38Client,
  HttpClient,
  Tendermint37Client,
  connectComet,
  type CometClient,
} from '@cosmjs/tendermint-rpc';

import { explain } from './errors.js';
import { PlimsollClient, PlimsollQueryClient } from './generated/Plimsoll.client.js';
import { explainedReader, explainedSigner } from './transport.js';

/** Where a contract is. */
export interface ReadOptions {
  /** RPC endpoint of a node, `http://` or `ws://`. */
  readonly rpc: string;
  /** Address of the contract. */
  readonly contract: string;
  /** A request over HTTP that takes longer fails; 30 000 ms unless told. */
  readonly timeoutMs?: number;
}

/** Who signs, and what gas costs. */
export interface SignOptions extends ReadOptions {
  readonly signer: OfflineSigner;
  /** Price of gas, for example `"0.025ustake"`: exact decimals and a denomination. */
  readonly gasPrice: string;
  /** How much more gas than a simulation used is paid for; 1.5 unless told. */
  readonly gasAdjustment?: number;
  /** How often the node is asked whether a transaction is in a block; 1000 ms unless told. */
  readonly pollMs?: number;
}

/** A contract that can be read. */
export interface Reader {
  /** Typed queries. */
  readonly plimsoll: PlimsollQueryClient;
  /** The chain behind them. */
  readonly chain: CosmWasmClient;
}

/** A contract that can be read and called. */
export interface Writer {
  /** Typed queries and operations; refusals throw PlimsollError. */
  readonly plimsoll: PlimsollClient;
  /** The chain behind them. */
  readonly chain: SigningCosmWasmClient;
  /** Address of the signer. */
  readonly sender: string;
  /** Several messages in one transaction, all or none; refusals throw PlimsollError. */
  executeMany(
    instructions: readonly ExecuteInstruction[],
    fee?: Fee,
    memo?: string,
  ): Promise<ExecuteResult>;
}

/** Gas to pay for: simulated first (`"auto"`, or a factor on what it used), or told. */
export type Fee = StdFee | 'auto' | number;

/** A simulation pays no fee, and paying costs gas, too. */
const GAS_ADJUSTMENT = 1.5;
const POLL_MS = 1000;
const TIMEOUT_MS = 30_000;

/** A connection whose requests end: a node that is silent must not hold its caller for ever. */
async function connectNode({ rpc, timeoutMs = TIMEOUT_MS }: ReadOptions): Promise<CometClient> {
  if (!/^https?:/.test(rpc)) {
    return connectComet(rpc);
  }
  const http = new HttpClient(rpc, timeoutMs);
  const old = await Tendermint37Client.create(http);
  const { version } = (await old.status()).nodeInfo;
  if (version.startsWith('0.37.')) {
    return old;
  }
  return version.startsWith('0.') ? Comet38Client.create(http) : Comet1Client.create(http);
}

/** Connects for reading. Release it with `chain.disconnect()`. */
export async function connectReader(options: ReadOptions): Promise<Reader> {
  const { contract } = options;
  const chain = CosmWasmClient.create(await connectNode(options));
  return { chain, plimsoll: new PlimsollQueryClient(explainedReader(chain), contract) };
}

/** Connects for signing with the signer's first account. Release it with `chain.disconnect()`. */
export async function connectWriter(options: SignOptions): Promise<Writer> {
  const [account] = await options.signer.getAccounts();
  if (account === undefined) {
    throw new Error('the signer has no account');
  }
  const node = await connectNode(options);
  const chain = SigningCosmWasmClient.createWithSigner(node, options.signer, {
    gasPrice: GasPrice.fromString(options.gasPrice),
    broadcastPollIntervalMs: options.pollMs ?? POLL_MS,
  });
  const sender = account.address;
  const adjustment = options.gasAdjustment ?? GAS_ADJUSTMENT;
  const adjusted = (fee: Fee): Fee => (fee === 'auto' ? adjustment : fee);
  const signer = explainedSigner({
    queryContractSmart: (address, query) => chain.queryContractSmart(address, query),
    execute: (from, contract, msg, fee, memo, funds) =>
      chain.execute(from, contract, msg, adjusted(fee), memo, funds),
  });
  return {
    chain,
    sender,
    plimsoll: new PlimsollClient(signer, sender, options.contract),
    executeMany: (instructions, fee = 'auto', memo = '') =>
      explain(chain.executeMultiple(sender, instructions, adjusted(fee), memo)),
  };
}

/** Name and version that a contract gives itself: `contract_info` of the cw2 standard. */
export interface ContractInfo {
  readonly contract: string;
  readonly version: string;
}

/** Who a contract says that it is; undefined where it does not say. */
export async function contractInfo(
  chain: CosmWasmClient,
  contract: string,
): Promise<ContractInfo | undefined> {
  const raw = await chain.queryContractRaw(contract, toUtf8('contract_info'));
  return raw === null ? undefined : (JSON.parse(fromUtf8(raw)) as ContractInfo);
}

/** A signer from a mnemonic. `prefix` is that of the chain's addresses, for example `"wasm"`. */
export function signerFromMnemonic(
  mnemonic: string,
  prefix: string,
): Promise<DirectSecp256k1HdWallet> {
  return DirectSecp256k1HdWallet.fromMnemonic(mnemonic.trim(), { prefix });
}
