import { TrainerError } from '../../core/errors.ts';
import { addStretch, type Stretch } from '../../core/stretches.ts';
import type { Contribution, PartOptions, Trainer } from '../../core/trainer.ts';
import type { Ranks } from '../../ranks/ranks.ts';
import { agreeOnStretches } from './agree-on-stretches.ts';
import { Exchange } from './exchange.ts';
import { PartsSum } from './parts-sum.ts';

/** What the parts of a step add up to. */
interface Summed {
  readonly sum: Float32Array;
  /** Of each row of the step, on all ranks. */
  readonly losses: Float32Array;
}

interface StepSumOptions {
  readonly ranks: Ranks;
  readonly trainer: Trainer;
  /** Parts that this rank computes. */
  readonly parts: number;
  /** Rows of a whole step, where losses of rows may be asked for; else 0. */
  readonly rows: number;
}

/** Memory of sums, and how they are exchanged: known with the first step. */
interface Layout {
  /** How many values a part has. */
  readonly length: number;
  readonly sum: PartsSum;
  /** The sum, and behind it the losses of all rows, which are exchanged with it. */
  readonly total: Float32Array;
  /** Undefined within the first step. */
  early: readonly Stretch[] | undefined;
}

/** Adds up what the parts of a step contribute, over the parts of this rank and then over the ranks. */
export class StepSum {
  readonly #options: StepSumOptions;
  /** Stretches that the trainer tells of in the first step. */
  readonly #told: Stretch[] = [];
  #layout: Layout | undefined;
  #exchange: Exchange | undefined;

  constructor(options: StepSumOptions) {
    this.#options = options;
  }

  /** Of the last part: what the trainer is to tell of values that are final. Alone there is nobody to send them to. */
  begin(): PartOptions['onReady'] {
    this.#layout?.total.fill(0, this.#layout.length);
    this.#exchange = this.#newExchange();
    if (this.#options.ranks.size === 1) return undefined;
    return (vector, from, to) => {
      if (this.#exchange) this.#exchange.onReady(vector, from, to);
      else addStretch(this.#told, [from, to], vector.length);
    };
  }

  /** @param firstRow place of the part's rows in the step */
  async add(part: number, { vector, losses }: Contribution, firstRow: number): Promise<void> {
    this.#layout ??= this.#newLayout(vector.length);
    const { length, sum, total } = this.#layout;
    if (vector.length !== length) throw this.#wrongLength(vector.length, length);
    if (losses) total.set(losses, length + firstRow);
    if (part < this.#options.parts - 1) await sum.add(part, vector);
    else await this.#finish(this.#layout, vector);
  }

  /** When all parts are added. Valid until the next step. */
  get summed(): Summed {
    const { total, length } = this.#layout as Layout;
    return { sum: total.subarray(0, length), losses: total.subarray(length) };
  }

  async #finish(layout: Layout, vector: Float32Array): Promise<void> {
    const { ranks, trainer } = this.#options;
    layout.early ??= await agreeOnStretches(ranks, trainer, layout.length, this.#told);
    this.#exchange ??= this.#newExchange() as Exchange;
    await this.#exchange.finish(vector, layout.length);
  }

  #newLayout(length: number): Layout {
    const { ranks, parts, rows } = this.#options;
    const total = ranks.allocate(length + rows);
    return { length, total, sum: new PartsSum(parts, length, total), early: undefined };
  }

  #newExchange(): Exchange | undefined {
    const { ranks, parts } = this.#options;
    if (this.#layout?.early === undefined) return undefined;
    const { sum, total, early } = this.#layout;
    return new Exchange({ ranks, sum, total, early, part: parts - 1 });
  }

  #wrongLength(length: number, expected: number): TrainerError {
    const { name } = this.#options.trainer;
    const message = `${name}: contribution must give as many values of each part, ${expected}, got ${length}`;
    return new TrainerError('SUM_LENGTH', message);
  }
}
