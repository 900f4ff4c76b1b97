import type { TaskPool } from '../../../backends/threads/task-pool.ts';
import type { Batch } from '../../core/batch.ts';
import { BackendError } from '../../core/errors.ts';
import type { BatchRequest, Feed } from '../order/feed.ts';
import { type BadRows, type BadSampleCount, NoStandIn } from '../order/substitution.ts';
import type { Quarantine } from '../quarantine/quarantine.ts';
import type { Task, TaskResult } from '../rows/task.ts';
import { BatchMaker, type MakerOptions } from './batch-maker.ts';
import { RunStatistics } from './statistics.ts';

export interface RunOptions extends MakerOptions {
  readonly feed: Feed;
  /** Threads of the pool; 0: the calling thread. */
  readonly workers: number;
  readonly openPool: () => TaskPool<Task, TaskResult>;
  readonly badSamples: BadSampleCount;
  /** Where bad samples are written down, if they are to be. */
  readonly quarantine: Quarantine | undefined;
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
const heldRemedy =
  'Call batch.release() when done with a batch, or put copied() before operators that drop or keep batches.';

/**
 * One subscription's run: what a pipeline does when somebody listens. Pull-driven: batches are prepared ahead
 * as long as slots are free, and handed out in the order of the stream. An error is handed out at its place in that
 * order, so it does not depend on which thread was first.
 */
export class BatchRun implements StreamRun {
  readonly statistics: RunStatistics;
  readonly #options: RunOptions;
  readonly #pool: TaskPool<Task, TaskResult>;
  readonly #maker: BatchMaker;
  readonly #pending: Promise<Batch>[] = [];
  /** Batches in the making: their memory is in use. */
  readonly #making = new Set<Promise<Batch>>();
  /** The batch begun last; it may have been taken from `pending` and still be in the making. */
  #latest: Promise<Batch> | undefined;
  #held = 0;
  #filling = false;
  #hasWarned = false;
  #ended = false;
  #closed: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  #wake: () => void = () => {};

  constructor(options: RunOptions) {
    this.#options = options;
    this.#pool = openedPool(options);
    this.statistics = new RunStatistics(options.memory, options.feed, options.workers);
    this.#maker = new BatchMaker(options, this.#pool, this.statistics);
    options.ring.onFree(() => this.#fill());
    this.#fill();
  }

  async next(): Promise<Batch | undefined> {
    const waiting = performance.now();
    try {
      const batch = await this.#nextPending();
      if (this.#closed === undefined) return batch && this.#deliver(batch);
      batch?.release();
      return undefined;
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
    await Promise.allSettled(this.#making);
    // what nobody will get
    for (const pending of this.#pending.splice(0))
      await pending.then((batch) => batch.release()).catch(() => {});
    this.#options.memory.close();
    this.#options.quarantine?.close();
  }

  async #nextPending(): Promise<Batch | undefined> {
    while (this.#pending.length === 0 && !this.#ended && this.#failure === undefined) await this.#wait();
    if (this.#closed !== undefined) return undefined;
    const pending = this.#pending.shift();
    if (pending === undefined && this.#failure !== undefined) throw this.#failure.error;
    return pending?.catch((error: unknown) => {
      // what was tried in vain says more of the cause than its end
      if (error instanceof NoStandIn && this.#closed === undefined) this.#noteBad(error.rows);
      throw error;
    });
  }

  /** Until a batch is begun, or there is none to wait for. */
  async #wait(): Promise<void> {
    const watch = setInterval(() => this.#warnIfHeld(), HELD_WARNING_MS);
    const fail = () => this.#failHeld();
    if (this.#isHeld()) {
      // the process would end here, as if the stream were complete
      process.once('beforeExit', fail);
      watch.unref();
    }
    await new Promise<void>((wake) => (this.#wake = wake));
    process.off('beforeExit', fail);
    clearInterval(watch);
  }

  /** Whether nothing can happen before the consumer releases a batch. */
  #isHeld(): boolean {
    return this.#held >= this.#options.ring.length;
  }

  #failHeld(): void {
    const slots = `all ${this.#options.ring.length} batch slots are held`;
    const reason = `${slots}, and the process has nothing to do that could release one`;
    this.#failure = { error: new BackendError('SLOTS_HELD', `${reason}. ${heldRemedy}`) };
    this.#wake();
  }

  #deliver(batch: Batch): Batch {
    this.#held++;
    try {
      this.#noteBad(batch);
    } catch (error) {
      // nobody gets it; nor is another to be begun in its slot
      this.#ended = true;
      batch.release();
      throw error;
    }
    this.statistics.addBatch(batch);
    return batch;
  }

  #noteBad(rows: BadRows): void {
    const { badSamples, quarantine } = this.#options;
    for (const substitution of badSamples.add(rows.substitutions)) quarantine?.add(substitution, rows);
    this.statistics.badSamples = badSamples.total;
    badSamples.check();
  }

  #warnIfHeld(): void {
    const slots = this.#options.ring.length;
    if (!this.#isHeld() || this.#hasWarned) return;
    this.#hasWarned = true;
    process.emitWarning(
      `all ${slots} batch slots are held and none was released for ${HELD_WARNING_MS / 1000} s: the stream stands ` +
        `still. ${heldRemedy}`,
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
    const batch = this.#maker.make(request, slot, this.#latest, () => this.#release(slot));
    this.#latest = batch;
    this.#making.add(batch);
    // Handed out, with its error, when its turn comes.
    batch
      .catch(() => {
        this.#ended = true;
      })
      .finally(() => this.#making.delete(batch));
    this.#pending.push(batch);
    this.#wake();
  }

  #release(slot: number): void {
    this.#held--;
    this.#options.memory.release(slot);
    this.#options.ring.give(slot);
    // whoever waits is not held up by the consumer any more
    this.#wake();
  }
}

/** The pool; where it cannot be opened, what the run was given is closed, since there will be no run. */
function openedPool({ openPool, feed, memory }: RunOptions): TaskPool<Task, TaskResult> {
  try {
    return openPool();
  } catch (error) {
    feed.close();
    memory.close();
    throw error;
  }
}
