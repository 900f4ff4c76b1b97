import { Worker } from 'node:worker_threads';
import { BackendError, fromErrorRecord } from '../../core/errors.ts';
import { threadFlags } from '../../core/thread-flags.ts';
import { openImmediateExit } from '../binding/koffi.ts';
import type { Libraries } from '../launcher.ts';
import { type MpiPlace, type RankAnswer, type RankTask, type RankThreadData, Signal } from './messages.ts';
import { WaitingList } from './waiting-list.ts';

/** How long MPI may take to end all ranks, before this process ends on its own and the launcher ends the others. */
const ABORT_GRACE_MS = 1000;

/** For the launcher to pass on what was written just before: once it ends all ranks, it may leave that unread. */
const WORDS_MS = 100;

/** The thread is inside calls of MPI that may never come back while it opens and closes. */
type State = 'opening' | 'open' | 'closing' | 'gone';

type Gathered = readonly Uint8Array[];

/** The thread that calls MPI, seen from the main thread: tasks for it, and what to do where it does not answer. */
export class MpiThread {
  readonly #worker: Worker;
  readonly #signals: Int32Array;
  readonly #timeoutMs: number;
  readonly #exitNow: (exitCode: number) => void;
  readonly #waiting: WaitingList<RankAnswer>;
  #state: State = 'opening';
  #place: MpiPlace | undefined;
  #failure: Error | undefined;

  private constructor(libraries: Libraries, timeoutMs: number, exitNow: (exitCode: number) => void) {
    this.#timeoutMs = timeoutMs;
    this.#exitNow = exitNow;
    this.#waiting = new WaitingList(timeoutMs, (what) => this.#fail(late(what, timeoutMs)));
    this.#signals = new Int32Array(new SharedArrayBuffer(8));
    const workerData: RankThreadData = { libraries, signals: this.#signals };
    const options = { workerData, name: 'mpi', execArgv: threadFlags() };
    this.#worker = new Worker(new URL('./rank-thread.js', import.meta.url), options);
    this.#worker.on('message', (answer: RankAnswer) => this.#hear(answer));
    this.#worker.on('error', (cause) => this.#fail(lost(cause.message, cause)));
    this.#worker.on('exit', (code) => this.#end(code));
    process.on('exit', this.#exit);
  }

  /** Opens MPI, which waits until all ranks do. */
  static async open(libraries: Libraries, timeoutMs: number, signal?: AbortSignal): Promise<MpiThread> {
    const thread = new MpiThread(libraries, timeoutMs, await openImmediateExit());
    const stop = () => thread.#fail(signal?.reason);
    signal?.addEventListener('abort', stop);
    const answer = await thread
      .#answer('opening MPI')
      .finally(() => signal?.removeEventListener('abort', stop));
    if (answer.kind === 'open') thread.#place = answer.place;
    thread.#state = 'open';
    return thread;
  }

  get place(): MpiPlace {
    return this.#place as MpiPlace;
  }

  get isUsable(): boolean {
    return this.#failure === undefined && this.#state === 'open';
  }

  async sum(vector: Float32Array): Promise<void> {
    await this.#call({ kind: 'sum', vector }, `the sum of ${vector.length} values`);
  }

  gather(bytes: Uint8Array): Promise<Gathered> {
    return this.#call({ kind: 'gather', bytes }, `gathering ${bytes.length} bytes`);
  }

  /**
   * Waits for all ranks, and leaves MPI. The answer is the thread's end: as it unloads a library, that leaves its launcher.
   * @param what for messages; undefined: the others may take any time, for work of their own
   */
  async close(what?: string): Promise<void> {
    const closed = this.#call({ kind: 'close' }, what);
    this.#state = 'closing';
    await closed;
  }

  /** Ends all ranks by MPI; where its thread is stuck in a call, ends this process, and the launcher does the rest. */
  async abort(exitCode: number): Promise<never> {
    if (this.#state === 'gone') process.exit(exitCode);
    await new Promise((resolve) => setTimeout(resolve, WORDS_MS));
    Atomics.store(this.#signals, Signal.abort, exitCode + 1);
    Atomics.notify(this.#signals, Signal.abort);
    this.#post({ kind: 'abort' });
    return new Promise(() => {
      setTimeout(() => this.#exitNow(exitCode), ABORT_GRACE_MS);
    });
  }

  async #call(task: RankTask, what: string | undefined): Promise<Gathered> {
    if (this.#failure) throw this.#failure;
    if (this.#state !== 'open') throw new BackendError('CLOSED', 'ranks: closed: no rank is there any more');
    this.#post(task);
    const answer = await this.#answer(what);
    return answer.kind === 'done' ? answer.gathered : [];
  }

  #post(task: RankTask): void {
    this.#worker.postMessage(task);
  }

  /** The process stays for an answer. A thread without a task does not keep it. */
  #answer(what: string | undefined): Promise<RankAnswer> {
    this.#worker.ref();
    return this.#waiting.add(what);
  }

  #hear(answer: RankAnswer): void {
    if (answer.kind === 'failed') {
      if (this.#state === 'opening') this.#state = 'gone';
      this.#fail(fromErrorRecord(answer.error));
      return;
    }
    this.#waiting.answer(answer);
    if (this.#waiting.length === 0) this.#worker.unref();
  }

  #end(code: number): void {
    const isClosed = this.#state === 'closing' && this.#waiting.length === 1;
    this.#state = 'gone';
    if (isClosed) this.#waiting.answer({ kind: 'done', gathered: [] });
    else this.#fail(lost(`ended with code ${code}`));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting.fail(this.#failure);
    this.#worker.unref();
  }

  /**
   * A process that ends waits for its threads: one that is inside a call of MPI may never come back. One that ends well leaves MPI
   * before. One that cannot has failed; not every launcher notices that.
   */
  readonly #exit = (exitCode: number): void => {
    if (this.#state === 'gone') return;
    if (exitCode === 0 && this.#isIdle && this.#leave()) return;
    if (this.#state === 'open') process.exitCode = exitCode || 1;
    else this.#exitNow(exitCode || 1);
  };

  /** Whether there is nothing to do but to leave. */
  get #isIdle(): boolean {
    const left = this.#state === 'closing' ? 1 : 0;
    return this.#state !== 'opening' && this.#failure === undefined && this.#waiting.length === left;
  }

  /** `close` for a process that waits for no promise any more; false where that failed, or took too long once it was begun. */
  #leave(): boolean {
    const isBegun = this.#state !== 'open';
    if (!isBegun) this.#post({ kind: 'close' });
    this.#state = 'closing';
    Atomics.wait(this.#signals, Signal.left, 0, isBegun ? this.#timeoutMs : Number.POSITIVE_INFINITY);
    return Atomics.load(this.#signals, Signal.left) === 1;
  }
}

/** Names no rank: which one says it is known where it is read. */
const late = (what: string, timeoutMs: number) =>
  new BackendError(
    'RANK_TIMEOUT',
    `waited ${timeoutMs / 1000} s for other ranks in ${what}: one hangs, or needs longer than that`,
  );

const lost = (reason: string, cause?: unknown) =>
  new BackendError('THREAD_LOST', `the thread of MPI: ${reason}`, { cause });
