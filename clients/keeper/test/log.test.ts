// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { makeLog, textOf } from '../src/log.js';
import { Metrics } from '../src/metrics.js';

test('lines are text or JSON, and quiet ones are left out', () => {
  const lines: string[] = [];
  const text = makeLog('info', 'text', (line) => lines.push(line));
  text.debug('unseen');
  text.info('took over', { account: '7', why: 'two words', none: undefined });
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^\S+Z INFO  took over account=7 why="two words"$/);
  const json = makeLog('debug', 'json', (line) => lines.push(line));
  json.error('gone', { code: 1 });
  const { time, ...rest } = JSON.parse(lines[1] ?? '') as Record<string, unknown>;
  assert.equal(typeof time, 'string');
  assert.deepEqual(rest, { level: 'error', message: 'gone', code: 1 });
  assert.equal(textOf(new Error('a\n  b')), 'a b');
});

test('metrics are served on the loopback interface, and nothing else is', async () => {
  const metrics = new Metrics();
  metrics.operations.inc({ operation: 'liquidate' });
  const port = 20_000 + (process.pid % 20_000);
  await metrics.listen(port);
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    assert.match(
      await response.text(),
      /^plimsoll_keeper_operations_total\{operation="liq.*\} 1$/m,
    );
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
  } finally {
    await metrics.close();
  }
});
