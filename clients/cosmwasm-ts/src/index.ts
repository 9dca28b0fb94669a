// SPDX-License-Identifier: Apache-2.0
// @plimsoll/cosmwasm: the typed client of the Plimsoll margin engine on CosmWasm chains.
export * from './connect.js';
export * from './decimal.js';
export * from './errors.js';
export * from './events.js';
export * from './generated/abi.js';
export * from './generated/Plimsoll.client.js';
export * from './generated/Plimsoll.message-composer.js';
export type * from './generated/Plimsoll.types.js';
export * from './messages.js';
export * from './transport.js';
