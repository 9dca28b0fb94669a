// SPDX-License-Identifier: Apache-2.0
// Many queries, few at a time; pages of account ids; waiting; what failed and has to wait.

/**
 * Applies `work` to all items, at most `limit` at a time; results keep the items' order. Throws
 * where the signal is given.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      signal?.throwIfAborted();
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

/** The items in groups of `size`. */
export function groupsOf<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let from = 0; from < items.length; from += size) {
    groups.push(items.slice(from, from + size));
  }
  return groups;
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

/**
 * What failed by its own fault and is left out for a while: 15 s, doubled each time, at most 300 s,
 * for it may have been somebody's intent.
 */
export class Failures {
  private readonly seen = new Map<string, { count: number; until: number }>();

  constructor(private readonly clock: () => number = Date.now) {}

  /** It failed again. Returns for how many seconds it is left out. */
  add(key: string): number {
    const count = (this.seen.get(key)?.count ?? 0) + 1;
    const seconds = Math.min(300, 15 * 2 ** Math.min(count - 1, 10));
    this.seen.set(key, { count, until: this.clock() + seconds * 1000 });
    return seconds;
  }

  /** It worked. */
  delete(key: string): void {
    this.seen.delete(key);
  }

  isWaiting(key: string): boolean {
    return (this.seen.get(key)?.until ?? 0) > this.clock();
  }
}
