// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PlimsollEvent } from '@plimsoll/cosmwasm';

import { atomsValue, gainOf, gasCost, gasPriceAmount } from '../src/profit.js';

const WAD = 10n ** 18n;

test('gas costs what it costs, rounded up', () => {
  assert.equal(gasPriceAmount('0.025ustake'), '0.025');
  assert.equal(gasCost(400_000n, '0.025ustake', '0.000001'), WAD / 100n);
  assert.equal(gasCost(1n, '0.000000000000000001ustake', '0.1'), 1n);
  assert.equal(gasCost(400_000n, '0.025ustake', '0'), 0n);
});

test('atoms are worth their price, rounded down', () => {
  const weth = { decimals: 18, priceDecimals: 10, price: '20000000000000' };
  assert.equal(atomsValue('1000000000000000000', weth), 2000n * WAD);
  assert.equal(atomsValue('1', weth), 2000n);
  assert.equal(atomsValue('1', { ...weth, price: '1' }), 0n);
  assert.equal(
    atomsValue('3', { decimals: 6, priceDecimals: 8, price: '100000000' }),
    3n * 10n ** 12n,
  );
});

test('a gain is the fee, the tip, the bargain of the own account', () => {
  const liquidated = (taker: string): PlimsollEvent => ({
    type: 'liquidated',
    messageIndex: 0,
    fields: {
      account: '1',
      market: 0,
      taker,
      lots: '5',
      price: '7',
      fee_taker: '100',
      fee_insurance: '50',
      bankruptcy: '6',
    },
  });
  const sold: PlimsollEvent = {
    type: 'collateral_sold',
    messageIndex: 0,
    fields: { account: '1', asset: 1, taker: '9', amount: '2', cash: '150' },
  };
  const assets = new Map([[1, { decimals: 18, priceDecimals: 0, price: '100' }]]);
  assert.equal(gainOf([liquidated('9'), liquidated('8'), sold], '9', assets), 150n);
});
