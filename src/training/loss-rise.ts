import type { TrainStepReport } from './step-report.ts';

/** Steps over which the loss is averaged: single batches differ too much. */
const WINDOW = 10;
const TIMES = 10;
/** Of losses below this one it means nothing how they differ. */
const LEAST = 0.01;

/** Notices a loss that rises tenfold over its lowest mean, as too high a learning rate makes it. */
export class LossRise {
  #steps = 0;
  #mean = 0;
  #lowest = Number.POSITIVE_INFINITY;
  #isTold = false;

  /** A line about it, once. A loss that is no finite number, which mixed precision may go past, says nothing. */
  add({ step, loss, learningRate, lossScale }: TrainStepReport): string | undefined {
    if (lossScale !== undefined && !Number.isFinite(loss)) return undefined;
    this.#steps++;
    this.#mean += (loss - this.#mean) / Math.min(this.#steps, WINDOW);
    this.#lowest = Math.min(this.#lowest, this.#mean);
    if (this.#isTold || !(this.#mean >= TIMES * Math.max(this.#lowest, LEAST))) return undefined;
    this.#isTold = true;
    const [from, to, rate, lower] = [this.#lowest, this.#mean, learningRate, learningRate / TIMES].map(short);
    const rise = `the loss rose tenfold, from ${from} to ${to}, by step ${step}`;
    return `${rise}: the learning rate of ${rate} is probably too high; try --lr ${lower}`;
  }
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
