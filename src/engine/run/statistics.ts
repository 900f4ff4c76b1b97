import { getHeapStatistics } from 'node:v8';
import type { GpuCounts } from '../../../backends/gpu/counts.ts';
import type { Batch } from '../../core/batch.ts';
import type { Feed } from '../order/feed.ts';
import { noTimes, stageNames, type TaskResult } from '../rows/task.ts';
import type { BatchMemory } from '../slots/batch-memory.ts';

/** What a run has done so far. */
export class RunStatistics {
  batches = 0;
  images = 0;
  /** How often a bad sample was replaced by another. */
  substitutions = 0;
  /** How many samples were bad. */
  badSamples = 0;
  /** Rolling digest of the stream so far, where the pipeline computes it. */
  digest: string | undefined;
  /** Milliseconds the consumer has waited for batches. */
  waitingMs = 0;
  /** Milliseconds spent in each stage, summed over threads. */
  readonly stages = noTimes();
  /** Milliseconds spent in tasks, summed over threads: the stages and what lies between them. */
  busyMs = 0;
  /** Rows that were prepared or attempted, and the pixels of the images that were read for them. */
  rows = 0;
  sourcePixels = 0;
  /** Threads that prepare rows; 0: the calling thread does, or there is nothing to prepare. */
  readonly workers: number;
  readonly #memory: BatchMemory;
  readonly #feed: Feed;
  readonly #scratch = new Map<number, number>();

  constructor(memory: BatchMemory, feed: Feed, workers: number) {
    this.#memory = memory;
    this.#feed = feed;
    this.workers = workers;
  }

  /** What was sent to the GPU, with the gpu backend. */
  get gpu(): Readonly<GpuCounts> | undefined {
    return this.#memory.gpu;
  }

  /** Images of a live source that found its buffer full and were dropped. */
  get dropped(): number {
    return this.#feed.dropped;
  }

  addBatch(batch: Batch): void {
    this.batches++;
    this.images += batch.labels.length;
    this.substitutions += batch.substitutions.length;
    this.digest = batch.digest;
  }

  addTask({ rows, sourcePixels, times, busyMs, threadId, bytesHeld }: TaskResult): void {
    this.busyMs += busyMs;
    this.rows += rows.length;
    this.sourcePixels += sourcePixels;
    for (const stage of stageNames) this.stages[stage] += times[stage];
    // the latest come last: before them may be threads that have died and been replaced
    this.#scratch.delete(threadId);
    this.#scratch.set(threadId, bytesHeld);
    for (const id of this.#scratch.keys())
      if (this.#scratch.size > Math.max(1, this.workers)) this.#scratch.delete(id);
  }

  addWaiting(milliseconds: number): void {
    this.waitingMs += milliseconds;
  }

  /**
   * What the engine holds: slots x batch bytes + the threads' scratch memory (WASM and JavaScript heaps), with the gpu
   * backend also the device's buffers, + the calling thread's JavaScript heap. Of heaps it counts what was written to:
   * V8 sets apart more, twice as much at a time, and the system gives none of it before it is used.
   */
  get memoryBound(): MemoryBound {
    const slots = this.#memory.slots.length;
    const batchBytes = this.#memory.slotBytes;
    const threads = [...this.#scratch.values()].reduce((sum, bytes) => sum + bytes, 0);
    const scratchBytes = threads + this.#memory.scratchBytes;
    const heapBytes = getHeapStatistics().total_physical_size;
    return {
      slots,
      batchBytes,
      scratchBytes,
      heapBytes,
      total: slots * batchBytes + scratchBytes + heapBytes,
    };
  }
}

export interface MemoryBound {
  readonly slots: number;
  readonly batchBytes: number;
  readonly scratchBytes: number;
  readonly heapBytes: number;
  readonly total: number;
}
