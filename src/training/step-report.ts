import type { LossScaleReport } from '../core/trainer.ts';
import type { Bottleneck } from '../engine/run/bottleneck.ts';

/** What steps are measured by. Images per second are infinite where no time passed. */
export interface Speed {
  /** Over the whole time, waiting for data included. */
  readonly imagesPerSecond: number;
  /** Over the trainer's time alone. */
  readonly computeImagesPerSecond: number;
  /** Of a step: waiting for data, and the rest of it. */
  readonly dataSeconds: number;
  readonly computeSeconds: number;
  /** Share of the time spent waiting for data, 0..1. */
  readonly waitingShare: number;
}

/** A step; its time began with the end of the step before. */
export interface TrainStepReport extends Speed {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly images: number;
  /** In mixed precision. */
  readonly lossScale?: LossScaleReport;
}

/** An epoch: the mean of its steps. */
export interface EpochReport extends Speed {
  readonly epoch: number;
  /** Of the steps whose loss is a finite number: in mixed precision others may be among them. */
  readonly loss: number;
  readonly learningRate: number;
  readonly images: number;
  /** In mixed precision, after its last step. */
  readonly lossScale?: Pick<LossScaleReport, 'scale' | 'skipped'>;
  /** What limited its steps. */
  readonly limits: Bottleneck;
  /** Of the whole epoch's stream, where it is computed. */
  readonly streamDigest: string | undefined;
}

/** The speed of `steps` steps that took these seconds together. */
export function speedOf(images: number, dataSeconds: number, computeSeconds: number, steps = 1): Speed {
  const seconds = dataSeconds + computeSeconds;
  return {
    imagesPerSecond: images / seconds,
    computeImagesPerSecond: images / computeSeconds,
    dataSeconds: dataSeconds / steps,
    computeSeconds: computeSeconds / steps,
    waitingShare: seconds > 0 ? dataSeconds / seconds : 0,
  };
}

/** Sums up steps. */
export class EpochMeter {
  #steps = 0;
  #images = 0;
  #dataSeconds = 0;
  #computeSeconds = 0;
  #loss = 0;
  /** Images whose steps had a finite loss. */
  #lossImages = 0;
  #learningRate = 0;
  #lossScale: LossScaleReport | undefined;

  add({ images, dataSeconds, computeSeconds, loss, learningRate, lossScale }: TrainStepReport): void {
    this.#steps++;
    this.#images += images;
    this.#dataSeconds += dataSeconds;
    this.#computeSeconds += computeSeconds;
    if (Number.isFinite(loss)) {
      this.#loss += loss * images;
      this.#lossImages += images;
    }
    this.#lossScale = lossScale;
    this.#learningRate += learningRate;
  }

  /** The steps since the lap before. */
  lap(): Omit<EpochReport, 'epoch' | 'limits' | 'streamDigest'> {
    const [steps, images] = [this.#steps, this.#images];
    const report = {
      images,
      loss: this.#loss / this.#lossImages,
      learningRate: this.#learningRate / steps,
      ...(this.#lossScale && { lossScale: this.#lossScale }),
      ...speedOf(images, this.#dataSeconds, this.#computeSeconds, steps),
    };
    this.#steps = this.#images = this.#dataSeconds = this.#computeSeconds = 0;
    this.#loss = this.#lossImages = this.#learningRate = 0;
    return report;
  }
}
