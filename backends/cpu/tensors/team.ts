import { Worker } from 'node:worker_threads';
import { BackendError } from '../../../src/core/errors.ts';
import { threadFlags } from '../../../src/core/thread-flags.ts';
import { compiledOnce } from '../compiled-once.ts';
import { BARRIER_BYTES, Barrier } from './barrier.ts';
import type { PlacedCall } from './call-block.ts';
import type { SharedMemory } from './shared-memory.ts';
import type { TeamAnswer, TeamTask, TeamThreadData } from './team-messages.ts';

/** Threads that make calls together, each its share of a call's tiles. The calling thread is none of them: it stays free. */
export class Team {
  readonly threads: number;
  readonly #workers: readonly Worker[];
  readonly #barrier: Barrier;
  #lists = 0;
  #waiting: Waiting | undefined;
  #failure: BackendError | undefined;
  #isClosed = false;

  private constructor(workers: readonly Worker[], barrier: Barrier) {
    this.threads = workers.length;
    this.#workers = workers;
    this.#barrier = barrier;
    for (const [i, worker] of workers.entries()) {
      worker.on('message', (answer: TeamAnswer) => this.#hear(i, answer));
      worker.on('error', (cause) => this.#fail(i, cause.message, cause));
      worker.on('exit', (code) => this.#fail(i, `ended with code ${code}`));
      worker.unref();
    }
  }

  static async open(memory: SharedMemory, threads: number): Promise<Team> {
    const module = await compiledKernels();
    const barrier = new Int32Array(new SharedArrayBuffer(BARRIER_BYTES));
    const workers = Array.from({ length: threads }, (_, thread) => {
      const workerData: TeamThreadData = { module, memory: memory.memory, barrier, thread };
      const options = { workerData, name: nameOf(thread), execArgv: threadFlags() };
      return new Worker(new URL('./team-thread.js', import.meta.url), options);
    });
    try {
      await Promise.all(workers.map(ready));
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.terminate()));
      throw error;
    }
    return new Team(workers, new Barrier(barrier));
  }

  get failure(): BackendError | undefined {
    return this.#failure;
  }

  /** The number of a list of calls, by which it is made. */
  define(calls: readonly PlacedCall[]): number {
    const list = this.#lists++;
    for (const worker of this.#workers) post(worker, { kind: 'define', list, calls });
    return list;
  }

  /**
   * Has the first `threads` threads make lists of calls in order. One task at a time.
   * @param scratch of each thread: its scratch memory's address
   * @returns what each call took, where `isTimed`
   */
  make(
    lists: readonly number[],
    threads: number,
    scratch: readonly number[],
    isTimed = false,
  ): Promise<readonly number[]> {
    const failure = this.#isClosed ? closed() : this.#failure;
    if (failure !== undefined) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      for (const [i, worker] of this.#workers.slice(0, threads).entries()) {
        worker.ref();
        post(worker, { kind: 'make', lists, threads, scratch: scratch[i] as number, isTimed });
      }
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#barrier.break();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    this.#settle(({ reject }) => reject(closed()));
  }

  #hear(thread: number, answer: TeamAnswer): void {
    if (answer.kind === 'done') this.#settle(({ resolve }) => resolve(answer.times));
    else if (answer.kind === 'failed') this.#fail(thread, answer.reason);
  }

  #fail(thread: number, reason: string, cause?: unknown): void {
    if (this.#isClosed) return;
    this.#failure ??= new BackendError('THREAD_LOST', `${nameOf(thread)}: ${reason}`, { cause });
    this.#barrier.break();
    const failure = this.#failure;
    this.#settle(({ reject }) => reject(failure));
  }

  #settle(settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    // a thread that is being ended keeps the process until it has ended: close() waits for it
    if (!this.#isClosed) for (const worker of this.#workers) worker.unref();
    if (waiting !== undefined) settle(waiting);
  }
}

interface Waiting {
  resolve(times: readonly number[]): void;
  reject(error: Error): void;
}

const closed = () => new BackendError('CLOSED', 'cpu: closed: its threads do not compute any more');

const nameOf = (thread: number): string => `cpu tensors, thread ${thread}`;

const post = (worker: Worker, task: TeamTask): void => worker.postMessage(task);

function ready(worker: Worker, thread: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(new BackendError('THREAD_LOST', `${nameOf(thread)}: cannot start`, { cause }));
    worker.once('message', () => {
      worker.off('error', fail);
      resolve();
    });
    worker.once('error', fail);
  });
}

const compiledKernels = compiledOnce(new URL('./tensor-kernels.wasm', import.meta.url));
