import type { Point } from '../html/chart.ts';

interface Bucket {
  from: number;
  to: number;
  low: number;
  high: number;
  sum: number;
  weight: number;
  values: number;
}

/** Points of a curve at most: as many as a chart of the page has room for. */
const MOST_POINTS = 400;

/** A metric over the steps of a run of any length, in bounded room: neighbours are joined as it grows. */
export class Series {
  readonly #mostPoints: number;
  #buckets: Bucket[] = [];
  #valuesInBucket = 1;

  constructor(mostPoints = MOST_POINTS) {
    this.#mostPoints = mostPoints;
  }

  /**
   * Adds the value at a place beyond all before.
   * @param weight of the value in the mean of its neighbours: for images per second, the seconds
   */
  add(place: number, value: number, weight = 1): void {
    const last = this.#buckets.at(-1);
    const added = bucketOf(place, value, weight);
    if (last !== undefined && last.values < this.#valuesInBucket) join(last, added);
    else this.#buckets.push(added);
    if (this.#buckets.length > this.#mostPoints) this.#joinNeighbours();
  }

  /** Forgets what lies at this place and beyond: a run went on from there once more. */
  rewind(place: number): void {
    this.#buckets = this.#buckets.filter(({ to }) => to < place);
  }

  get points(): Point[] {
    return this.#buckets.map(({ from, to, low, high, sum, weight }) => {
      const mean = weight > 0 ? sum / weight : Number.NaN;
      return Number.isNaN(mean) ? { from, to, mean, low: mean, high: mean } : { from, to, mean, low, high };
    });
  }

  #joinNeighbours(): void {
    const joined = this.#buckets.filter((_, i) => i % 2 === 0);
    for (const [i, bucket] of joined.entries()) {
      const next = this.#buckets[2 * i + 1];
      if (next !== undefined) join(bucket, next);
    }
    this.#buckets = joined;
    this.#valuesInBucket *= 2;
  }
}

function bucketOf(place: number, value: number, weight: number): Bucket {
  const bucket = { from: place, to: place, values: 1 };
  if (!Number.isFinite(value) || !(weight > 0))
    return { ...bucket, low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY, sum: 0, weight: 0 };
  return { ...bucket, low: value, high: value, sum: value * weight, weight };
}

function join(bucket: Bucket, next: Bucket): void {
  bucket.to = next.to;
  bucket.low = Math.min(bucket.low, next.low);
  bucket.high = Math.max(bucket.high, next.high);
  bucket.sum += next.sum;
  bucket.weight += next.weight;
  bucket.values += next.values;
}
