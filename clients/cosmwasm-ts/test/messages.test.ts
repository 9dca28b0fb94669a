// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PARAMS } from '../src/generated/abi.js';
import {
  assetParams,
  cw20,
  encodeMessage,
  feedParams,
  marketParams,
  native,
  withToken,
} from '../src/messages.js';

test('parameters have defaults within their bounds', () => {
  const values = { market: marketParams(), feed: feedParams(), asset: assetParams({ cap: '1' }) };
  for (const { name, target, type, min, max } of PARAMS) {
    const value = (values[target] as unknown as Record<string, string | number>)[name];
    assert.notEqual(value, undefined, name);
    const unit = type === 'VAL' ? 10n ** 18n : 1n;
    if (type !== 'AMT') {
      assert.ok(BigInt(value ?? '') >= BigInt(min) * unit, name);
      assert.ok(BigInt(value ?? '') <= BigInt(max) * unit, name);
    }
  }
  assert.equal(values.market.oi_cap, '10000000000000000000000000');
  assert.equal(values.market.liq_fee_growth, 50);
  assert.equal(values.market.funding_interest, '100000');
  assert.equal(marketParams({ initial: 200000 }).initial, 200000);
});

test('tokens travel in their own way', () => {
  const msg = { deposit: { account: '1', asset: 0, amount: '5' } };
  assert.deepEqual(withToken('c', native('uusd'), msg), {
    contractAddress: 'c',
    msg,
    funds: [{ denom: 'uusd', amount: '5' }],
  });
  assert.deepEqual(withToken('c', cw20('t'), msg), {
    contractAddress: 't',
    msg: { send: { contract: 'c', amount: '5', msg: encodeMessage(msg) } },
    funds: [],
  });
});
