import { reasonOf } from '../core/errors.ts';
import type { Patience } from './patience.ts';

/** What may be gone in a moment: the request is made again. */
export class Transient extends Error {
  /** For which the server asks, in milliseconds. */
  readonly waitMs: number | undefined;

  constructor(message: string, waitMs?: number) {
    super(message);
    this.waitMs = waitMs;
  }
}

/** What came of all attempts. */
export class Unreachable extends Error {
  readonly attempts: number;
  readonly elapsedMs: number;

  constructor(cause: unknown, attempts: number, elapsedMs: number) {
    super(reasonOf(cause), { cause });
    this.attempts = attempts;
    this.elapsedMs = elapsedMs;
  }
}

export interface RetryOptions {
  readonly patience: Patience;
  /** Of all attempts together. */
  readonly totalMs: () => number;
  readonly isTransient: (cause: unknown) => boolean;
  /** Hears before each wait for another attempt why, how long nobody has answered, and how long the wait is. */
  readonly onWait: (cause: unknown, elapsedMs: number, delayMs: number) => void;
  /** Rejects when nobody waits any more. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** Makes attempts until one succeeds, fails for good, or the time is over: then it throws an `Unreachable`. */
export async function withRetries<T>(action: () => Promise<T>, options: RetryOptions): Promise<T> {
  const start = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (cause) {
      if (!options.isTransient(cause)) throw cause;
      const elapsed = performance.now() - start;
      const delay = delayBefore(attempt, cause, options.patience);
      if (elapsed + delay > options.totalMs()) throw new Unreachable(cause, attempt, elapsed);
      options.onWait(cause, elapsed, delay);
      await options.sleep(delay);
    }
  }
}

/** Exponential with jitter, so that threads that failed together do not come back together. No data depends on it. */
function delayBefore(attempt: number, cause: unknown, { firstDelayMs, longestDelayMs }: Patience): number {
  const mean = Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs);
  const delay = mean * (0.5 + Math.random());
  return Math.max(delay, (cause instanceof Transient && cause.waitMs) || 0);
}
