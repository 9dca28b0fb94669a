// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  DecimalError,
  formatDecimal,
  fromAtoms,
  fromRatio,
  fromValue,
  parseDecimal,
  toAtoms,
  toLots,
  toRate,
  toRatio,
  toTicks,
  toValue,
} from '../src/decimal.js';

test('decimal text becomes an exact integer', () => {
  assert.equal(parseDecimal('12.5', 6), 12500000n);
  assert.equal(parseDecimal('-0.000001', 6), -1n);
  assert.equal(parseDecimal('1_000_000', 0), 1000000n);
  assert.equal(parseDecimal('1.50', 1), 15n);
  assert.equal(parseDecimal('340282366920938463463374607431768211455', 0), 2n ** 128n - 1n);
  assert.equal(toAtoms('0.1', 18), '100000000000000000');
  assert.equal(toLots('-2', 8), '-200000000');
  assert.equal(toTicks('60_000.5', 8), '6000050000000');
  assert.equal(toValue('1'), '1000000000000000000');
});

test('what is not exact is refused', () => {
  for (const text of [
    '',
    '.5',
    '5.',
    '1e3',
    '0x10',
    '1,5',
    '+1',
    '1__0',
    '_1',
    'NaN',
    ' ',
    '1.0000001',
  ]) {
    assert.throws(() => parseDecimal(text, 6), DecimalError, text);
  }
  assert.throws(() => toAtoms('-1', 6), DecimalError);
  assert.throws(() => toTicks('-1', 6), DecimalError);
  assert.throws(() => parseDecimal('1', 1.5), DecimalError);
  assert.throws(() => parseDecimal('1', -1), DecimalError);
});

test('integers become decimal text', () => {
  assert.equal(formatDecimal(12500000n, 6), '12.5');
  assert.equal(formatDecimal('-1', 6), '-0.000001');
  assert.equal(formatDecimal(0n, 6), '0');
  assert.equal(formatDecimal(7n, 0), '7');
  assert.equal(fromAtoms('100000000000000000', 18), '0.1');
  assert.equal(fromValue('-12648000000000000000000'), '-12648');
});

test('text, integer, text is the identity', () => {
  for (const text of ['0', '1', '-1', '0.000001', '123456789.123456', '-0.5']) {
    assert.equal(formatDecimal(parseDecimal(text, 6), 6), text);
  }
});

test('ratios and rates', () => {
  assert.equal(toRatio('10%'), 100000);
  assert.equal(toRatio('0.005%'), 50);
  assert.equal(toRatio('0.1'), 100000);
  assert.equal(fromRatio(50), '0.005%');
  assert.equal(toRate('0.01%'), '100000');
  assert.equal(toRate('-0.03%'), '-300000');
  assert.throws(() => toRatio('-1%'), DecimalError);
  assert.throws(() => toRatio('0.00001%'), DecimalError);
});
