// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PlimsollEvent } from '@plimsoll/cosmwasm';

import { atomsValue, gainOf, gasCost, gasPriceAmount, withLimit } from '../src/profit.js';

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

test('a limit is the previewed price, worse by the slippage for the keeper', () => {
  const event = (lots: string): PlimsollEvent => ({
    type: 'liquidated',
    messageIndex: 0,
    fields: {
      account: '1',
      market: 0,
      taker: '9',
      lots,
      price: '1000',
      fee_taker: '500',
      fee_insurance: '0',
      bankruptcy: '0',
    },
  });
  const msg = { liquidate: { account: '1', market: 0, taker: '9', lots: '0', limit: '0' } };
  const limited = (lots: string) => withLimit(msg, [event(lots)], new Map(), 10_000n);
  assert.deepEqual(limited('50'), { liquidate: { ...msg.liquidate, lots: '50', limit: '1000' } });
  assert.deepEqual(limited('-50'), { liquidate: { ...msg.liquidate, lots: '50', limit: '999' } });
});

test('a sale is limited in ticks an asset', () => {
  const sale = { account: '1', asset: 1, taker: '9', market: 65535, amount: '0', limit: '0' };
  const sold = (amount: string, cash: bigint): PlimsollEvent => ({
    type: 'collateral_sold',
    messageIndex: 0,
    fields: { account: '1', asset: 1, taker: '9', amount, cash: `${cash}` },
  });
  const weth = { decimals: 6, priceDecimals: 10, price: '20000000000000' };
  const limited = (amount: string, cash: bigint) =>
    withLimit(
      { liquidate_collateral: sale },
      [sold(amount, cash)],
      new Map([[1, weth]]),
      10_000n,
    );
  assert.deepEqual(limited('3000000', 5700n * WAD), {
    liquidate_collateral: { ...sale, amount: '3000000', limit: '19190000000000' },
  });
});
