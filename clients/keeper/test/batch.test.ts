// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Failures, backoffMs, mapBounded, pageStarts, pause } from '../src/batch.js';

test('pages cover every id once', () => {
  assert.deepEqual(pageStarts(1n, 32), []);
  assert.deepEqual(pageStarts(2n, 32), ['1']);
  assert.deepEqual(pageStarts(33n, 32), ['1']);
  assert.deepEqual(pageStarts(34n, 32), ['1', '33']);
  assert.deepEqual(pageStarts(97n, 32), ['1', '33', '65']);
});

test('at most the limit is under way, and results keep their order', async () => {
  let running = 0;
  let most = 0;
  const results = await mapBounded([5, 1, 4, 2, 3], 2, async (value) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, value));
    running -= 1;
    return value * 10;
  });
  assert.deepEqual(results, [50, 10, 40, 20, 30]);
  assert.equal(most, 2);
  assert.deepEqual(await mapBounded([], 4, () => Promise.resolve(1)), []);
});

test('one failure fails all', async () => {
  const work = (value: number): Promise<number> =>
    value === 2 ? Promise.reject(new Error('gone')) : Promise.resolve(value);
  await assert.rejects(mapBounded([1, 2, 3], 2, work), /gone/);
});

test('waits double up to half a minute', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 99].map(backoffMs),
    [1000, 2000, 4000, 8000, 16000, 30000, 30000],
  );
});

test('a wait ends when it is told', async () => {
  const stop = new AbortController();
  const started = Date.now();
  const waiting = pause(60_000, stop.signal);
  stop.abort();
  await waiting;
  await pause(60_000, stop.signal);
  assert.ok(Date.now() - started < 5000);
});

test('work ends when the signal is given', async () => {
  const stop = new AbortController();
  const done: number[] = [];
  const work = (item: number) => {
    done.push(item);
    stop.abort();
    return Promise.resolve(item);
  };
  await assert.rejects(mapBounded([1, 2, 3], 1, work, stop.signal), { name: 'AbortError' });
  assert.deepEqual(done, [1]);
});

test('what failed waits longer each time, until it works', () => {
  let now = 0;
  const failures = new Failures(() => now);
  assert.equal(failures.isWaiting('a'), false);
  assert.equal(failures.add('a'), 15);
  assert.equal(failures.isWaiting('a'), true);
  assert.equal(failures.isWaiting('b'), false);
  now = 15_000;
  assert.equal(failures.isWaiting('a'), false);
  assert.equal(failures.add('a'), 30);
  for (let i = 0; i < 20; i += 1) {
    assert.ok(failures.add('a') <= 300);
  }
  failures.delete('a');
  assert.equal(failures.isWaiting('a'), false);
  assert.equal(failures.add('a'), 15);
});
