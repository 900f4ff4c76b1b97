import type { Batch, Substitution } from '../../core/batch.ts';
import { DataError, ParameterError } from '../../core/errors.ts';
import { randomFor } from '../../core/random.ts';
import { quoted } from '../../core/shell.ts';
import type { SamplingOptions } from './sampling.ts';

/** What to do with a sample that cannot be used. */
export const errorActions = ['stop', 'substitute'] as const;
export type OnError = (typeof errorActions)[number];

/** How many bad samples a run may meet, each counted once: a count, or a share (`'1%'`) of an epoch's rows. */
export type BadBudget = number | `${number}%`;

export const MAX_ATTEMPTS = 16;

/**
 * The sample that stands in for a bad one: any of the dataset, or with a sampler the one at any place of the epoch, so that it is one
 * that may come, as often as it would. It depends on the place in the stream and the attempt alone, never on which worker was
 * first, so a stream with bad files is as repeatable as one without.
 */
export function standIn(
  { length, order, seed }: Pick<SamplingOptions, 'length' | 'order' | 'seed'>,
  epoch: number,
  position: number,
  attempt: number,
): number {
  const place = randomFor(seed, epoch, position, attempt, 'substitute').integer(length);
  return order === undefined ? place : order.at(place, epoch).index;
}

export function checkBudget(budget: BadBudget): void {
  const isKnown = typeof budget === 'number' || (typeof budget === 'string' && /^[\d.]+%$/.test(budget));
  if (isKnown && shareOf(budget) >= 0) return;
  throw new ParameterError(
    'INVALID_OPTION',
    `maxBad must be a count >= 0 or a share such as '1%', got ${budget}`,
  );
}

/** What a batch, or one that could not be filled, says of the samples that it could not use. */
export type BadRows = Pick<Batch, 'epoch' | 'index' | 'substitutions'>;

/** A row for which all stand-ins are bad as well. */
export class NoStandIn extends DataError {
  readonly rows: BadRows;

  constructor(rows: BadRows) {
    const { message, key } = rows.substitutions.at(-1) as Substitution;
    const reason = `no usable sample found for a row: ${MAX_ATTEMPTS} stand-ins in a row are bad`;
    super('NO_STAND_IN', `${reason}, the last: ${message}`, { sample: key });
    this.name = DataError.name;
    this.rows = rows;
  }
}

/** Samples that failed for the same reason. */
interface Cause {
  readonly code: string;
  readonly operator: string | undefined;
  readonly example: string;
  count: number;
}

const TOP_CAUSES = 5;

/** Counts bad samples in the order of the stream, each once, and ends the run when there are too many. */
export class BadSampleCount {
  readonly #budget: BadBudget;
  readonly #epochRows: number;
  readonly #quarantine: string | undefined;
  // as many as the budget allows and one batch more
  readonly #keys = new Set<string>();
  readonly #causes = new Map<string, Cause>();

  /**
   * @param epochRows rows of one epoch: a share counts against these
   * @param quarantine file that lists the samples, for the message
   */
  constructor(budget: BadBudget, epochRows: number, quarantine?: string) {
    this.#budget = budget;
    this.#epochRows = epochRows;
    this.#quarantine = quarantine;
  }

  /** Distinct samples so far. */
  get total(): number {
    return this.#keys.size;
  }

  /** Returns the samples among these that were not met before. */
  add(substitutions: readonly Substitution[]): Substitution[] {
    const added = substitutions.filter(({ key }) => !this.#keys.has(key) && this.#keys.add(key));
    for (const substitution of added) this.#addCause(substitution);
    return added;
  }

  /** Throws where the samples so far are more than the budget allows. */
  check(): void {
    if (this.total > this.#allowed()) throw this.#error();
  }

  #allowed(): number {
    const share = shareOf(this.#budget);
    if (typeof this.#budget === 'number' || share === 0) return share;
    return Math.max(1, share * this.#epochRows);
  }

  #addCause({ code, operator, message: example }: Substitution): void {
    const name = `${code} ${operator ?? ''}`;
    const cause = this.#causes.get(name) ?? { code, operator, example, count: 0 };
    cause.count++;
    this.#causes.set(name, cause);
  }

  #error(): DataError {
    const causes = [...this.#causes.values()].sort((a, b) => b.count - a.count);
    const lines = causes.slice(0, TOP_CAUSES).map(describeCause);
    const others = causes.slice(TOP_CAUSES).reduce((sum, { count }) => sum + count, 0);
    if (others > 0) lines.push(`${others} x other causes`);
    const file = this.#quarantine;
    const where =
      file === undefined ? '' : `\nall are listed in ${file}: millrace quarantine ${quoted(file)}`;
    const counts = `${this.total} of ${this.#epochRows} (maxBad is ${this.#budget})`;
    const message = `too many bad samples: ${counts}:\n  ${lines.join('\n  ')}${where}`;
    return new DataError('TOO_MANY_BAD_SAMPLES', message, { sample: [...this.#keys].at(-1) as string });
  }
}

const describeCause = ({ code, operator, example, count }: Cause): string =>
  `${count} x ${code}${operator === undefined ? '' : ` (${operator})`}, such as ${example}`;

const shareOf = (budget: BadBudget): number =>
  typeof budget === 'number' ? budget : Number(budget.slice(0, -1)) / 100;
