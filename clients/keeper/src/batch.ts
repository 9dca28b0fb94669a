// SPDX-License-Identifier: Apache-2.0
// Many queries, few at a time; pages of account ids; waiting.

/** Applies `work` to all items, at most `limit` at a time; results keep the items' order. */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/** The first ids of the pages that cover the ids 1 to `next` - 1. */
export function pageStarts(next: bigint, size: number): string[] {
  const starts: string[] = [];
  for (let from = 1n; from < next; from += BigInt(size)) {
    starts.push(from.toString());
  }
  return starts;
}

/** Wait before attempt `failures` + 1: 1 s, doubled each time, at most 30 s. */
export function backoffMs(failures: number): number {
  return Math.min(30_000, 1000 * 2 ** Math.min(failures - 1, 10));
}

/** Waits, or ends early when the signal is given. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    return;
  }
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
