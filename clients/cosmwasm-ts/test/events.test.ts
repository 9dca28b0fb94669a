// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventsOf, parseEvents, parsePreviewEvents } from '../src/events.js';

const attributes = (values: Record<string, string>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

const deposited = { account: '7', asset: '1', amount: '100' };

test('events of the contract are read, others are not', () => {
  const events = parseEvents(
    [
      { type: 'tx', attributes: attributes({ fee: '1' }) },
      { type: 'wasm', attributes: attributes({ _contract_address: 'c', action: 'deposit' }) },
      {
        type: 'wasm-deposited',
        attributes: attributes({ _contract_address: 'c', ...deposited, msg_index: '2' }),
      },
      { type: 'wasm-deposited', attributes: attributes({ _contract_address: 'd', ...deposited }) },
      { type: 'wasm-unheard_of', attributes: attributes({ _contract_address: 'c' }) },
    ],
    'c',
  );
  assert.equal(events.length, 1);
  assert.deepEqual(events[0], {
    type: 'deposited',
    fields: { account: '7', asset: 1, amount: '100' },
    messageIndex: 2,
  });
  assert.deepEqual(eventsOf(events, 'deposited'), [{ account: '7', asset: 1, amount: '100' }]);
  assert.deepEqual(eventsOf(events, 'filled'), []);
});

test('a preview has bare names', () => {
  const [event] = parsePreviewEvents([{ type: 'deposited', attributes: attributes(deposited) }]);
  assert.equal(event?.type, 'deposited');
});

test('a field that is missing is another version', () => {
  assert.throws(
    () => parsePreviewEvents([{ type: 'deposited', attributes: attributes({ account: '7' }) }]),
    /deposited without asset/,
  );
});
