import { isMainThread, type Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { threadFailure } from './thread-loss.ts';
import { within } from './waiting.ts';

/** Two tasks a thread: one that runs, and one that is there when it ends, so that no thread waits for its next. */
export const TASKS_PER_THREAD = 2;

// Rows live in WASM memory and slots: a thread's JavaScript heap holds little but garbage, which V8 would let grow to
// tens of megabytes before it collects.
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 256 };

/** What a thread gets to end in, and what all get at the end, when a loaded machine may have many to end. */
export const ENDING_MS = 5_000;
const CLOSING_MS = 10_000;

export interface ThreadsOptions {
  /** Path of a module that exports `run`. */
  readonly filename: string;
  readonly threads: number;
  readonly workerData: unknown;
  /** Called when a thread has ended, before `run` rejects its tasks. */
  onEnd(threadId: number, reason: unknown): void;
  /** Called when no thread is left, before others are started. */
  onNone(reason: unknown): void;
}

/** Worker threads by piscina, which replaces those that die: who they are, and when they have really ended. */
export class Threads<Task, Outcome> {
  /** Threads that ended, or are about to. */
  deaths = 0;
  readonly #options: ThreadsOptions;
  readonly #running = new Map<number, Worker>();
  readonly #known = new WeakSet<Worker>();
  /** Of those that have failed and not ended yet: piscina tells of the failure, and goes on without them. */
  readonly #failing = new Set<Promise<void>>();
  readonly #terminated = new WeakSet<Worker>();
  readonly #stuck = new Set<Worker>();
  #piscina: Piscina<Task, Outcome>;
  #isClosed = false;
  #lastReason: unknown;

  constructor(options: ThreadsOptions) {
    this.#options = options;
    try {
      this.#piscina = this.#open();
    } catch (cause) {
      throw threadFailure('OPEN_FAILED', 'worker threads cannot be started', cause);
    }
  }

  /** Of the threads that have not ended. */
  get ids(): number[] {
    this.#watchAll(this.#piscina);
    return [...this.#running.keys()];
  }

  /** Rejects where the task's thread died. */
  run(task: Task): Promise<Outcome> {
    return this.#piscina.run(task);
  }

  /** When no thread that failed can do anything any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#failing);
  }

  /** Ends a thread, unless a system call holds it. */
  terminate(threadId: number): void {
    const thread = this.#running.get(threadId);
    if (thread === undefined || this.#terminated.has(thread)) return;
    this.#terminated.add(thread);
    void thread.terminate();
  }

  /**
   * Gives up a thread that does not end. Node joins its threads when the process ends, and would wait for this one for
   * ever: the process kills itself then.
   */
  abandon(threadId: number): void {
    const thread = this.#running.get(threadId);
    if (thread === undefined || this.#stuck.has(thread)) return;
    this.#stuck.add(thread);
    // again and again, because piscina refs it when it has closed the thread's port
    const unref = setInterval(() => thread.unref(), 50).unref();
    thread.once('exit', () => clearInterval(unref));
    if (!isMainThread) return;
    process.emitWarning(
      'a worker thread does not end: a system call holds it. If it still does when the process ends, the process ends ' +
        'by SIGKILL',
      { code: 'MILLRACE_THREAD_STUCK' },
    );
    const kill = () => process.kill(process.pid, 'SIGKILL');
    process.once('exit', kill);
    thread.once('exit', () => process.off('exit', kill));
  }

  /** Ends all threads, and waits for those that can be ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watchAll(this.#piscina);
    const others = [...this.#running.values()].filter((thread) => !this.#stuck.has(thread));
    const ended = Promise.all(others.map(ending));
    void this.#piscina.destroy();
    await within(CLOSING_MS, ended);
    for (const threadId of this.#running.keys()) this.abandon(threadId);
  }

  #open(): Piscina<Task, Outcome> {
    const { filename, threads, workerData } = this.#options;
    const piscina = new Piscina<Task, Outcome>({
      filename,
      name: 'run',
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: TASKS_PER_THREAD,
      resourceLimits: HEAP_LIMITS,
      // its histograms take a quarter of a megabyte that V8 does not see, and so stay long after their pool
      recordTiming: false,
      workerData,
    });
    this.#watchAll(piscina);
    // before the thread gets its first task
    piscina.on('workerCreate', () => this.#watchAll(piscina));
    piscina.on('workerDestroy', () => {
      this.deaths++;
      // when piscina has its list in order
      queueMicrotask(() => this.#reopenIfEmpty());
    });
    // of a thread without a task; without a listener it ends the process
    piscina.on('error', (reason) => {
      this.#lastReason = reason;
    });
    return piscina;
  }

  /** piscina does not replace threads that end before they are ready: what is in its queue then waits for ever. */
  #reopenIfEmpty(): void {
    if (this.#piscina.threads.length > 0 || this.#isClosed) return;
    const empty = this.#piscina;
    this.#options.onNone(this.#lastReason);
    if (this.#isClosed) return;
    this.#piscina = this.#open();
    void empty.destroy();
  }

  #watchAll({ threads }: Piscina): void {
    for (const thread of threads) if (!this.#known.has(thread)) this.#watch(thread);
  }

  #watch(thread: Worker): void {
    this.#known.add(thread);
    // an ended thread has no id
    const { threadId } = thread;
    this.#running.set(threadId, thread);
    const ended = ending(thread).then(() => {
      this.#failing.delete(ended);
    });
    let failure: Error | undefined;
    thread.once('error', (error) => {
      failure = error;
      this.#failing.add(ended);
    });
    thread.once('exit', (code) => {
      this.#running.delete(threadId);
      this.#lastReason = failure ?? new Error(`worker exited with code: ${code}`);
      this.#options.onEnd(threadId, this.#lastReason);
    });
  }
}

const ending = (thread: Worker): Promise<void> =>
  new Promise((resolve) => {
    thread.once('exit', () => resolve());
  });
