import type { Pipeline } from '../pipeline.ts';
import { type Speed, speedOf } from './step-report.ts';

/** Speed and waiting of a stream's consumer, since the step before and in all. */
export class StepClock {
  readonly #pipeline: Pipeline;
  #start = performance.now();
  #last = this.#start;
  #waited = 0;
  #images = 0;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  lap(images: number): Speed {
    const now = performance.now();
    const waited = this.#pipeline.statistics?.waitingMs ?? 0;
    const elapsedMs = now - this.#last;
    const dataMs = Math.min(elapsedMs, waited - this.#waited);
    this.#last = now;
    this.#waited = waited;
    this.#images += images;
    return speedOf(images, dataMs / 1000, (elapsedMs - dataMs) / 1000);
  }

  /** The time since the lap before, in which no step was made, counts nowhere. */
  skip(): void {
    const now = performance.now();
    this.#start += now - this.#last;
    this.#last = now;
  }

  total() {
    const elapsed = this.#last - this.#start;
    return {
      images: this.#images,
      seconds: elapsed / 1000,
      imagesPerSecond: elapsed > 0 ? (this.#images / elapsed) * 1000 : 0,
      waitingShare: elapsed > 0 ? this.#waited / elapsed : 0,
    };
  }
}
