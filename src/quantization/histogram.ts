import { TrainerError } from '../core/errors.ts';

/** Bins up to the largest value of the first batch, as in NVIDIA's pytorch_quantization. */
const FIRST_BINS = 2048;
/** A value 512 times the first batch's largest needs more bins than this. */
const MOST_BINS = 2 ** 20;

/**
 * How often a point's |x| fell into each bin. All bins are equally wide; the first batch decides how wide. Larger values add bins.
 *
 * A value on the border of two bins belongs to the lower one, where NVIDIA's belongs to the upper unless there is none: so counts
 * depend neither on the order of batches nor on the pieces in which they come.
 */
export class Histogram {
  readonly #point: string;
  readonly #width: number;
  #counts = new Float64Array(FIRST_BINS);
  #largest = 0;

  /** @param firstLargest largest |x| of the first batch */
  constructor(point: string, firstLargest: number) {
    if (!Number.isFinite(firstLargest)) throw notFinite(point, firstLargest);
    if (firstLargest === 0) {
      const message = `${point}: has only zeros in the first batch, so no range can be found`;
      throw new TrainerError('ONLY_ZEROS', message);
    }
    this.#point = point;
    this.#width = firstLargest / FIRST_BINS;
  }

  get counts(): Float64Array {
    return this.#counts;
  }

  get width(): number {
    return this.#width;
  }

  get largest(): number {
    return this.#largest;
  }

  add(values: Float32Array): void {
    this.#grow(largestOf(values));
    const counts = this.#counts;
    const width = this.#width;
    for (let i = 0; i < values.length; i++) {
      const bin = Math.ceil(Math.abs(values[i] as number) / width) - 1;
      counts[bin < 0 ? 0 : bin] = (counts[bin < 0 ? 0 : bin] as number) + 1;
    }
  }

  #grow(largest: number): void {
    if (!Number.isFinite(largest)) throw notFinite(this.#point, largest);
    this.#largest = Math.max(this.#largest, largest);
    const bins = Math.ceil(largest / this.#width);
    if (bins <= this.#counts.length) return;
    if (bins > MOST_BINS) {
      const reason = `has ${largest}, of which the first batch, with at most ${this.#width * FIRST_BINS}, shows nothing`;
      throw new TrainerError('UNSTEADY_RANGE', `${this.#point}: ${reason}`);
    }
    const grown = new Float64Array(bins);
    grown.set(this.#counts);
    this.#counts = grown;
  }
}

/** Largest |x|; NaN where one of the values is. */
export function largestOf(values: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i] as number);
    if (!(magnitude <= largest)) largest = magnitude;
    if (Number.isNaN(largest)) return largest;
  }
  return largest;
}

const notFinite = (point: string, value: number): TrainerError =>
  new TrainerError('VALUES_NOT_FINITE', `${point}: has a value of ${value}, so no range can be found`);
