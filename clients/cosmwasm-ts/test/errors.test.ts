// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ABORTED, PlimsollError, explain, parseRefusal } from '../src/errors.js';

const HASH = 'A'.repeat(64);

test('a failed transaction is read', () => {
  const error = parseRefusal(
    `Error when broadcasting tx ${HASH} at height 12. Code: 5; Raw log: failed to execute ` +
      'message; message index: 1: E_BELOW_INITIAL: the account would end below its initial margin: ' +
      'execute wasm contract failed',
  );
  assert.ok(error instanceof PlimsollError);
  assert.equal(error.symbol, 'E_BELOW_INITIAL');
  assert.equal(error.code, 703);
  assert.equal(error.family, 'RISK');
  assert.equal(error.detail, 'the account would end below its initial margin');
  assert.equal(error.messageIndex, 1);
  assert.equal(error.transactionHash, HASH);
  assert.equal(error.message, 'E_BELOW_INITIAL: the account would end below its initial margin');
});

test('a failed simulation and a failed query are read', () => {
  const simulated = parseRefusal(
    'Query failed with (6): rpc error: code = Unknown desc = failed to execute message; message ' +
      'index: 0: E_FIELD: trade.fills[1].price: not a string of digits: execute wasm contract ' +
      "failed [CosmWasm/wasmd@v0.61.0/x/wasm/keeper/keeper.go:459] with gas used: '123'",
  );
  assert.equal(simulated?.symbol, 'E_FIELD');
  assert.equal(simulated?.detail, 'trade.fills[1].price: not a string of digits');
  assert.equal(simulated?.transactionHash, undefined);
  const queried = parseRefusal(
    'Query failed with (6): rpc error: code = Unknown desc = E_NO_ACCOUNT: no such ' +
      'account: query wasm contract failed: unknown request',
  );
  assert.equal(queried?.symbol, 'E_NO_ACCOUNT');
  assert.equal(queried?.detail, 'no such account');
  assert.equal(queried?.messageIndex, undefined);
});

test('a broken invariant is read', () => {
  const error = parseRefusal(
    'Error calling the VM: Aborted: plimsoll: invariant, line 321: execute wasm contract failed',
  );
  assert.equal(error?.symbol, ABORTED);
  assert.equal(error?.code, 0);
});

test('what the contract did not say is left alone', async () => {
  assert.equal(parseRefusal('out of gas in location: wasm contract'), undefined);
  assert.equal(parseRefusal('E_SOMETHING_ELSE: of another contract'), undefined);
  const other = new Error('ECONNREFUSED');
  await assert.rejects(explain(Promise.reject(other)), (error) => error === other);
  await assert.rejects(explain(Promise.reject(new Error('x: E_PAUSED: paused by the guardian'))), {
    name: 'PlimsollError',
    symbol: 'E_PAUSED',
  });
  assert.equal(await explain(Promise.resolve(7)), 7);
});
