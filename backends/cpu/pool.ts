import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { BackendError, fromErrorRecord } from '../../src/core/errors.ts';
import type { TaskOutcome } from '../../src/core/thread-task.ts';

/** Runs tasks in the order they are given, as many at once as there are threads, and returns their results. */
export interface TaskPool<Task, Result> {
  run(task: Task): Promise<Result>;
  /** Drops tasks that have not started, waits for those that run, and frees everything. */
  close(): Promise<void>;
}

interface Waiting<Task, Result> {
  readonly task: Task;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

// Two tasks a thread: one that runs, and one that is there when it ends, so that no thread waits for this one's turn.
// The worker's `run` puts them in a row.
const TASKS_PER_THREAD = 2;

// Rows live in WASM memory and slots: a thread's JavaScript heap holds little but garbage, which V8 would let grow to
// tens of megabytes before it collects.
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 256 };

/**
 * Worker threads by piscina. Its queue cannot be emptied, so ours stands before it: closing then waits for a few
 * tasks, not for all that were planned.
 */
export class ThreadPool<Task, Result> implements TaskPool<Task, Result> {
  readonly #piscina: Piscina<Task, TaskOutcome<Result>>;
  readonly #threads: number;
  readonly #waiting: Waiting<Task, Result>[] = [];
  #running = 0;
  #settled = 0;
  #failed: BackendError | undefined;
  #closed: Promise<void> | undefined;
  #idle: () => void = () => {};

  /** @param worker URL of a module that exports `run`, made by `runTasks`; `setup` is its `workerData` */
  constructor(worker: URL, threads: number, setup: unknown) {
    this.#threads = threads;
    this.#piscina = new Piscina<Task, TaskOutcome<Result>>({
      filename: fileURLToPath(worker),
      name: 'run',
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: TASKS_PER_THREAD,
      resourceLimits: HEAP_LIMITS,
      workerData: setup,
    });
    // Without a listener an error of an idle thread ends the process.
    this.#piscina.on('error', (cause) => this.#fail(cause));
  }

  run(task: Task): Promise<Result> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed);
    if (this.#closed !== undefined) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      this.#start();
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  #start(): void {
    while (this.#running < this.#limit()) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running++;
      this.#piscina.run(next.task).then(
        (outcome) => this.#settle(() => answer(outcome, next)),
        (cause) => this.#settle(() => next.reject(this.#fail(cause))),
      );
    }
  }

  /** While threads start, a task that waited for the second one to be ready would hold up the first batch. */
  #limit(): number {
    return this.#settled < this.#threads ? this.#threads : this.#threads * TASKS_PER_THREAD;
  }

  #settle(deliver: () => void): void {
    this.#running--;
    this.#settled++;
    deliver();
    if (this.#closed === undefined) this.#start();
    if (this.#running === 0) this.#idle();
  }

  /** A task's own error arrives as its outcome: what arrives here is a thread that died. */
  #fail(cause: unknown): BackendError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failed ??= new BackendError('WORKER_DIED', `a worker thread ended unexpectedly: ${reason}`, {
      cause,
    });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failed);
    return this.#failed;
  }

  async #shutDown(): Promise<void> {
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    await this.#piscina.destroy();
  }
}

function answer<Task, Result>(
  outcome: TaskOutcome<Result>,
  { resolve, reject }: Waiting<Task, Result>,
): void {
  if ('error' in outcome) reject(fromErrorRecord(outcome.error));
  else resolve(outcome.result);
}

/** What a task gets that a closed pool will not run. */
export const closedError = (): BackendError => new BackendError('CLOSED', 'the stream was closed');
