import type { TrainStepReport } from '../training/step-report.ts';

/** Each line stands for so many times as many updates as the one before. */
const TIMES = 10;

/** Tells of updates that mixed precision skips: of the first, the tenth, the hundredth and so on. */
export class SkippedUpdates {
  #count = 0;
  #next = 1;

  add({ step, lossScale }: TrainStepReport): string | undefined {
    if (!lossScale?.isSkipped) return undefined;
    if (++this.#count < this.#next) return undefined;
    this.#next *= TIMES;
    const { scale, skipped } = lossScale;
    const count = skipped === 1 ? 'the first' : `${skipped} so far`;
    return `step ${step}: the update was skipped (${count}), since a gradient was no finite number: the loss scale is now ${scale}`;
  }
}
