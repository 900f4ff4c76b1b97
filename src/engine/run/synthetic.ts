import type { Batch } from '../../core/batch.ts';
import { batchShape } from '../../core/batch-size.ts';
import { toHalf } from '../../core/half.ts';
import type { Size, TensorFormat } from '../../core/image.ts';
import { type MultiLabels, multiLabelsOf } from '../../core/multi-labels.ts';
import { randomFor } from '../../core/random.ts';
import { copiesIn, type Feed } from '../order/feed.ts';
import { HostBatchMemory } from '../slots/batch-memory.ts';
import { slotBatch } from '../slots/slot-batch.ts';
import type { StreamRun } from './run.ts';
import { RunStatistics } from './statistics.ts';

/** A prime number of values, so that rows of most sizes differ. */
const MOVE = 1009;

/**
 * One constant batch of random normal values, again and again, all of class 0 (where samples may have several, each has that one): measures a trainer without the cost of
 * data, as NVIDIA's `--data-backend synthetic` does.
 */
export class SyntheticRun implements StreamRun {
  readonly statistics: RunStatistics;
  readonly #feed: Feed;
  readonly #memory: HostBatchMemory;
  readonly #size: Size;
  readonly #format: TensorFormat;
  #isClosed = false;

  constructor(openFeed: () => Feed, batchSize: number, size: Size, format: TensorFormat, seed: number) {
    this.#size = size;
    this.#format = format;
    this.#memory = new HostBatchMemory(1, batchSize, size, format);
    this.#fill(batchSize, seed);
    this.#feed = openFeed();
    this.statistics = new RunStatistics(this.#memory, this.#feed, 0);
  }

  async next(): Promise<Batch | undefined> {
    // nothing else here waits: without this, timers and signals would never have their turn
    await new Promise(setImmediate);
    const request = this.#isClosed ? undefined : await this.#feed.next();
    if (request === undefined) return undefined;
    const { rows, epoch, index, isLastOfEpoch } = request;
    const batch = slotBatch(
      {
        shape: batchShape(rows.length, this.#size, this.#format),
        dtype: this.#format.dtype,
        layout: this.#format.layout,
        labels: new Int32Array(rows.length),
        ...(multiLabelsOf(rows) && { multiLabels: onlyFirst(rows.length) }),
        mixing: undefined,
        ...copiesIn(request),
        ids: Float64Array.from(rows, (row) => row.id),
        keys: rows.map((row) => row.key),
        epoch,
        index,
        isLastOfEpoch,
        drawn: undefined,
        substitutions: [],
        digest: undefined,
        rowDigests: undefined,
      },
      this.#memory.images(0, rows.length),
      () => {},
    );
    this.statistics.addBatch(batch);
    return batch;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#feed.close();
  }

  #fill(batchSize: number, seed: number): void {
    const { images } = this.#memory.images(0, batchSize);
    const elements = images.length / batchSize;
    const rng = randomFor(seed, 0, 0, 0);
    const isHalf = this.#format.dtype === 'float16';
    for (let i = 0; i < elements; i++) images[i] = isHalf ? toHalf(rng.normal()) : rng.normal();
    // the others are the first, moved on: batch norm of equal rows would divide by nearly nothing
    for (let row = 1; row < batchSize; row++) {
      const moved = (row * MOVE) % elements;
      images.copyWithin(row * elements, moved, elements);
      images.copyWithin((row + 1) * elements - moved, 0, moved);
    }
  }
}

/** Class 0 alone, for each row. */
const onlyFirst = (rows: number): MultiLabels => ({
  offsets: Uint32Array.from({ length: rows + 1 }, (_, row) => row),
  classes: new Uint32Array(rows),
});
