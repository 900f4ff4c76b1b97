import type { Substitution } from '../core/batch.ts';
import { DataError, ParameterError } from '../core/errors.ts';
import { randomFor } from '../core/random.ts';

/** What to do with a sample that cannot be used. */
export type OnError = 'stop' | 'substitute';

/** How many bad samples a run may meet: a count, or a share (`'1%'`) of an epoch's rows, or of the rows so far where those are more. */
export type BadBudget = number | `${number}%`;

export const MAX_ATTEMPTS = 16;

/**
 * The sample that stands in for a bad one. It depends on the place in the stream and the attempt alone, never on which
 * worker was first, so a stream with bad files is as repeatable as one without.
 */
export function standIn(
  length: number,
  seed: number,
  epoch: number,
  position: number,
  attempt: number,
): number {
  return randomFor(seed, epoch, position, attempt, 'substitute').integer(length);
}

export function checkBudget(budget: BadBudget): void {
  const isKnown = typeof budget === 'number' || (typeof budget === 'string' && /^[\d.]+%$/.test(budget));
  if (isKnown && shareOf(budget) >= 0) return;
  throw new ParameterError(
    'INVALID_OPTION',
    `maxBad must be a count >= 0 or a share such as '1%', got ${budget}`,
  );
}

/** Counts bad samples in the order of the stream, and ends the run when there are too many. */
export class BadSampleCount {
  readonly #budget: BadBudget;
  readonly #epochRows: number;
  readonly #causes = new Map<string, number>();
  #bad = 0;
  #rows = 0;

  /** @param epochRows rows of one epoch: a share counts against these until more have been delivered */
  constructor(budget: BadBudget, epochRows: number) {
    this.#budget = budget;
    this.#epochRows = epochRows;
  }

  get total(): number {
    return this.#bad;
  }

  add(rows: number, substitutions: readonly Substitution[]): void {
    this.#rows += rows;
    this.#bad += substitutions.length;
    for (const { code } of substitutions) this.#causes.set(code, (this.#causes.get(code) ?? 0) + 1);
    if (substitutions.length > 0 && this.#isExceeded()) throw this.#error(substitutions);
  }

  #isExceeded(): boolean {
    if (typeof this.#budget === 'number') return this.#bad > this.#budget;
    const rows = Math.max(this.#rows, this.#epochRows);
    return this.#bad > Math.max(1, shareOf(this.#budget) * rows);
  }

  #error(substitutions: readonly Substitution[]): DataError {
    const causes = [...this.#causes].sort((a, b) => b[1] - a[1]).map(([code, count]) => `${count} x ${code}`);
    const last = substitutions.at(-1) as Substitution;
    const message =
      `too many bad samples: ${this.#bad} of ${this.#rows} (maxBad is ${this.#budget}): ${causes.join(', ')}; ` +
      `the last: ${last.message}`;
    return new DataError('TOO_MANY_BAD_SAMPLES', message, { sample: last.key });
  }
}

const shareOf = (budget: BadBudget): number =>
  typeof budget === 'number' ? budget : Number(budget.slice(0, -1)) / 100;
