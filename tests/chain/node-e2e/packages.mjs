// SPDX-License-Identifier: Apache-2.0
// The packages that the tests use are installed in clients/; this is where they are taken from.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export const root = new URL('../../../', import.meta.url);

const fromKeeper = createRequire(new URL('clients/keeper/package.json', root));
const fromPackage = createRequire(new URL('clients/cosmwasm-ts/package.json', root));

async function load(require, name) {
    try {
        return await import(pathToFileURL(require.resolve(name)).href);
    } catch (error) {
        throw new Error(`${name} is not there (${error.code}): run clients/build.sh`);
    }
}

export const plimsoll = await load(fromKeeper, '@plimsoll/cosmwasm');
export const cosmwasm = await load(fromPackage, '@cosmjs/cosmwasm-stargate');
export const stargate = await load(fromPackage, '@cosmjs/stargate');
export const signing = await load(fromPackage, '@cosmjs/proto-signing');
export const tendermint = await load(fromPackage, '@cosmjs/tendermint-rpc');
export const encoding = await load(fromPackage, '@cosmjs/encoding');
export const wasmTx = await load(fromPackage, 'cosmjs-types/cosmwasm/wasm/v1/tx.js');
export const wasmQuery = await load(fromPackage, 'cosmjs-types/cosmwasm/wasm/v1/query.js');
export const cosmosAbci = await load(fromPackage, 'cosmjs-types/cosmos/base/abci/v1beta1/abci.js');
export const cosmosTx = await load(fromPackage, 'cosmjs-types/cosmos/tx/v1beta1/tx.js');
export const cosmosBank = await load(fromPackage, 'cosmjs-types/cosmos/bank/v1beta1/tx.js');
export const cosmosGov = await load(fromPackage, 'cosmjs-types/cosmos/gov/v1/tx.js');
