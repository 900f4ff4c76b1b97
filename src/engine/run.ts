import { createHash } from 'node:crypto';
import type { TaskPool } from '../../backends/cpu/pool.ts';
import type { Batch, Drawn, Substitution } from '../core/batch.ts';
import { DataError, type ErrorRecord, fromErrorRecord } from '../core/errors.ts';
import type { Size, TensorFormat } from '../core/image.ts';
import type { BatchRequest, Feed } from './feed.ts';
import { batchShape, SlotBatch, slotImages } from './slot-batch.ts';
import type { SlotRing } from './slots.ts';
import { RunStatistics } from './statistics.ts';
import { type BadSampleCount, MAX_ATTEMPTS, type OnError } from './substitution.ts';
import type { RowRequest, RowResult, Task, TaskResult } from './task.ts';

export interface RunOptions {
  readonly feed: Feed;
  readonly ring: SlotRing;
  readonly size: Size;
  readonly format: TensorFormat;
  /** Rows a task; even, so that MixUp's pairs stay together. */
  readonly chunkRows: number;
  readonly openPool: () => TaskPool<Task, TaskResult>;
  /** MixUp's weight for a batch; undefined: the pipeline does not mix. */
  readonly lambdaOf: ((epoch: number, index: number) => number) | undefined;
  readonly onError: OnError;
  readonly badSamples: BadSampleCount;
  readonly standIn: (request: BatchRequest, row: number, attempt: number) => RowRequest;
  readonly recordDraws: boolean;
  readonly digest: boolean;
  /** Digest of the part of the epoch that came before the first batch; '' at an epoch's start. */
  readonly digestSoFar: string;
}

/** A stream that is running. */
export interface StreamRun {
  readonly statistics: RunStatistics;
  /** The next batch; undefined at the end of the stream or after `close`. */
  next(): Promise<Batch | undefined>;
  /** Ends the stream: nothing new is begun, threads end, and the process may exit. */
  close(): Promise<void>;
}

const HELD_WARNING_MS = 5_000;

/**
 * One subscription's run: what a pipeline does when somebody listens. Pull-driven: batches are prepared ahead
 * as long as slots are free, and handed out in the order of the stream. An error is handed out at its place in that
 * order, so it does not depend on which thread was first.
 */
export class BatchRun implements StreamRun {
  readonly statistics: RunStatistics;
  readonly #options: RunOptions;
  readonly #pool: TaskPool<Task, TaskResult>;
  readonly #pending: Promise<SlotBatch>[] = [];
  #held = 0;
  #filling = false;
  #ended = false;
  #closed: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  #rolling: string;
  #wake: () => void = () => {};

  constructor(options: RunOptions) {
    this.#options = options;
    this.#pool = options.openPool();
    this.#rolling = options.digestSoFar;
    this.statistics = new RunStatistics(options.ring, options.feed);
    options.ring.onFree(() => this.#fill());
    this.#fill();
  }

  async next(): Promise<Batch | undefined> {
    const waiting = performance.now();
    try {
      const batch = await this.#nextPending();
      return batch === undefined || this.#closed !== undefined ? undefined : this.#deliver(batch);
    } catch (error) {
      if (this.#closed !== undefined) return undefined;
      await this.close();
      throw error;
    } finally {
      this.statistics.addWaiting(performance.now() - waiting);
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #shutDown(): Promise<void> {
    this.#ended = true;
    this.#options.feed.close();
    this.#wake();
    await this.#pool.close();
  }

  async #nextPending(): Promise<SlotBatch | undefined> {
    while (this.#pending.length === 0 && !this.#ended && this.#failure === undefined) {
      const warning = setTimeout(() => this.#warnIfHeld(), HELD_WARNING_MS);
      await new Promise<void>((wake) => (this.#wake = wake));
      clearTimeout(warning);
    }
    if (this.#closed !== undefined) return undefined;
    const pending = this.#pending.shift();
    if (pending === undefined && this.#failure !== undefined) throw this.#failure.error;
    return pending;
  }

  #deliver(batch: SlotBatch): Batch {
    const { badSamples } = this.#options;
    this.#held++;
    badSamples.add(batch.labels.length, batch.substitutions);
    this.statistics.addBatch(batch);
    return batch;
  }

  #warnIfHeld(): void {
    const slots = this.#options.ring.buffers.length;
    if (this.#held < slots) return;
    process.emitWarning(
      `all ${slots} batch slots are held and none was released for ${HELD_WARNING_MS / 1000} s: the stream stands ` +
        'still. Call batch.release() when done with a batch, or put copied() before operators that drop or keep batches.',
      { code: 'MILLRACE_SLOTS_HELD' },
    );
  }

  /** Begins batches while slots are free. */
  #fill(): void {
    if (this.#filling) return;
    this.#filling = true;
    this.#fillSlots()
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => this.#wake());
  }

  async #fillSlots(): Promise<void> {
    const { ring, feed } = this.#options;
    try {
      while (!this.#ended) {
        const slot = ring.take();
        if (slot === undefined) return;
        const next = feed.next();
        const request = next instanceof Promise ? await next : next;
        if (request === undefined || this.#ended) {
          this.#ended = true;
          return;
        }
        this.#begin(request, slot);
      }
    } finally {
      // in the same turn as the last `take`: a slot that is freed after it then starts to fill again
      this.#filling = false;
    }
  }

  #begin(request: BatchRequest, slot: number): void {
    const previous = this.#pending.at(-1);
    const batch = this.#prepare(request, slot, previous);
    // Handed out, with its error, when its turn comes.
    batch.catch(() => {
      this.#ended = true;
    });
    this.#pending.push(batch);
    this.#wake();
  }

  async #prepare(
    request: BatchRequest,
    slot: number,
    previous: Promise<SlotBatch> | undefined,
  ): Promise<SlotBatch> {
    const { size, format, ring, recordDraws } = this.#options;
    const lambda = this.#options.lambdaOf?.(request.epoch, request.index);
    const { rows, results, substitutions } = await this.#runRows(request, slot, lambda);
    await previous?.catch(() => {});
    const labels = Int32Array.from(rows, (row) => row.label);
    const contents = {
      images: slotImages(ring.buffers[slot] as SharedArrayBuffer, rows.length, size, format),
      shape: batchShape(rows.length, size, format),
      dtype: format.dtype,
      layout: format.layout,
      labels,
      mixing: lambda === undefined ? undefined : { lambda, partnerLabels: partnerLabels(labels) },
      ids: Float64Array.from(rows, (row) => row.id),
      keys: rows.map((row) => row.key),
      epoch: request.epoch,
      index: request.index,
      isLastOfEpoch: request.isLastOfEpoch,
      drawn: recordDraws ? results.map((result) => result.drawn as readonly Drawn[]) : undefined,
      substitutions,
      digest: this.#options.digest ? this.#roll(request, results) : undefined,
    };
    return new SlotBatch(contents, () => this.#release(slot));
  }

  /** Runs all rows; where some are bad, stops or runs stand-ins in their place until the batch is full. */
  async #runRows(request: BatchRequest, slot: number, lambda: number | undefined) {
    const { onError, standIn } = this.#options;
    const rows = [...request.rows];
    const results: RowResult[] = new Array(rows.length);
    const substitutions: Substitution[] = [];
    await this.#runTasks({ slot, epoch: request.epoch, rows, lambda }, results);
    for (let attempt = 1; ; attempt++) {
      const bad = rows.filter(({ row }) => results[row]?.failure !== undefined);
      const failures = bad.map(({ row }) => results[row]?.failure as ErrorRecord);
      const first =
        onError === 'stop' ? failures[0] : failures.find((failure) => failure.class !== 'DataError');
      if (first !== undefined) throw fromErrorRecord(first);
      if (bad.length === 0) return { rows, results, substitutions };
      if (attempt > MAX_ATTEMPTS) throw noStandIn(failures[0] as ErrorRecord);
      for (const [i, { row, key }] of bad.entries()) {
        const { code, message, operator } = failures[i] as ErrorRecord;
        substitutions.push({ row, key, code, message, operator });
        rows[row] = standIn(request, row, attempt);
      }
      const again = lambda === undefined ? bad.map(({ row }) => [row]) : pairsOf(bad, rows.length);
      await Promise.all(
        again.map((group) => {
          const chosen = group.map((row) => rows[row] as RowRequest);
          return this.#runTasks({ slot, epoch: request.epoch, rows: chosen, lambda }, results);
        }),
      );
    }
  }

  async #runTasks({ rows, ...common }: Task, results: RowResult[]): Promise<void> {
    const { chunkRows } = this.#options;
    const chunks = Array.from({ length: Math.ceil(rows.length / chunkRows) }, (_, chunk) =>
      rows.slice(chunk * chunkRows, (chunk + 1) * chunkRows),
    );
    await Promise.all(
      chunks.map(async (chunk) => {
        const result = await this.#pool.run({ ...common, rows: chunk });
        this.statistics.addTask(result);
        for (const [i, { row }] of chunk.entries()) results[row] = result.rows[i] as RowResult;
      }),
    );
  }

  #release(slot: number): void {
    this.#held--;
    this.#options.ring.give(slot);
  }

  /** Digest of the epoch's stream up to and with this batch: a hash of the previous digest and the rows' hashes. */
  #roll({ index, epoch }: BatchRequest, results: readonly RowResult[]): string {
    const hash = createHash('sha256').update(index === 0 ? '' : this.#rolling);
    hash.update(JSON.stringify([epoch, index]));
    for (const { digest } of results) hash.update(digest as Uint8Array);
    this.#rolling = hash.digest('hex');
    return this.#rolling;
  }
}

function noStandIn({ message, sample }: ErrorRecord): DataError {
  const reason = `no usable sample found for a row: ${MAX_ATTEMPTS} stand-ins in a row are bad`;
  return new DataError(
    'NO_STAND_IN',
    `${reason}, the last: ${message}`,
    sample === undefined ? {} : { sample },
  );
}

/** Label of each row's MixUp partner, row XOR 1; a last row without a partner carries its own. */
function partnerLabels(labels: Int32Array): Int32Array {
  return labels.map((label, row) => labels[row ^ 1] ?? label);
}

/** The pairs that hold the given rows, each once. */
function pairsOf(bad: readonly RowRequest[], length: number): number[][] {
  const firsts = new Set(bad.map(({ row }) => row & ~1));
  return [...firsts].map((first) => [first, first + 1].filter((row) => row < length));
}
