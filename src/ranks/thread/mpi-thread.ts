import { Worker } from 'node:worker_threads';
import { BackendError, fromErrorRecord } from '../../core/errors.ts';
import { threadFlags } from '../../core/thread-flags.ts';
import { openImmediateExit } from '../binding/koffi.ts';
import type { Launcher } from '../launcher.ts';
import { type MpiPlace, type RankAnswer, type RankTask, type RankThreadData, Signal } from './messages.ts';

/** How long MPI may take to end all ranks, before this process ends on its own and the launcher ends the others. */
const ABORT_GRACE_MS = 1000;

interface Waiting {
  /** For messages: 'the sum of 12 values'. */
  readonly what: string;
  resolve(answer: RankAnswer): void;
  reject(error: Error): void;
}

type Gathered = readonly Uint8Array[];

/** The thread that calls MPI, seen from the main thread: tasks for it, and what to do where it does not answer. */
export class MpiThread {
  readonly #worker: Worker;
  readonly #signals: Int32Array;
  readonly #timeoutMs: number;
  readonly #exitNow: (exitCode: number) => void;
  readonly #waiting: Waiting[] = [];
  #place: MpiPlace | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  #isClosing = false;
  #hasEnded = false;

  private constructor(launcher: Launcher, timeoutMs: number, exitNow: (exitCode: number) => void) {
    const { name, libraries } = launcher;
    this.#timeoutMs = timeoutMs;
    this.#exitNow = exitNow;
    this.#signals = new Int32Array(new SharedArrayBuffer(8));
    const workerData: RankThreadData = { launcher: name, libraries, signals: this.#signals };
    const options = { workerData, name: 'mpi', execArgv: threadFlags() };
    this.#worker = new Worker(new URL('./rank-thread.js', import.meta.url), options);
    this.#worker.on('message', (answer: RankAnswer) => this.#hear(answer));
    this.#worker.on('error', (cause) => this.#fail(lost(cause.message, cause)));
    this.#worker.on('exit', (code) => this.#end(code));
    process.on('exit', this.#exit);
  }

  /** Opens MPI, which waits until all ranks do. */
  static async open(launcher: Launcher, timeoutMs: number): Promise<MpiThread> {
    const thread = new MpiThread(launcher, timeoutMs, await openImmediateExit());
    const answer = await thread.#answer('opening MPI');
    if (answer.kind === 'open') thread.#place = answer.place;
    return thread;
  }

  get place(): MpiPlace {
    return this.#place as MpiPlace;
  }

  get isUsable(): boolean {
    return this.#failure === undefined && !this.#isClosing;
  }

  async sum(vector: Float32Array): Promise<void> {
    await this.#call({ kind: 'sum', vector }, `the sum of ${vector.length} values`);
  }

  gather(bytes: Uint8Array): Promise<Gathered> {
    return this.#call({ kind: 'gather', bytes }, `gathering ${bytes.length} bytes`);
  }

  /** Waits for all ranks, and leaves MPI. The answer is the thread's end: as it unloads a library, that leaves its launcher. */
  async close(): Promise<void> {
    const closed = this.#call({ kind: 'close' }, 'closing');
    this.#isClosing = true;
    await closed;
  }

  /** Ends all ranks by MPI; where its thread is stuck in a call, ends this process, and the launcher does the rest. */
  abort(exitCode: number): Promise<never> {
    if (this.#hasEnded) process.exit(exitCode);
    Atomics.store(this.#signals, Signal.abort, exitCode + 1);
    Atomics.notify(this.#signals, Signal.abort);
    this.#post({ kind: 'abort' });
    return new Promise(() => {
      setTimeout(() => this.#exitNow(exitCode), ABORT_GRACE_MS);
    });
  }

  async #call(task: RankTask, what: string): Promise<Gathered> {
    if (this.#failure) throw this.#failure;
    if (this.#isClosing) throw new BackendError('CLOSED', 'ranks: closed: no rank is there any more');
    this.#post(task);
    const answer = await this.#answer(what);
    return answer.kind === 'done' ? answer.gathered : [];
  }

  #post(task: RankTask): void {
    this.#worker.postMessage(task);
  }

  #answer(what: string): Promise<RankAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ what, resolve, reject });
      if (this.#waiting.length === 1) this.#watch();
    });
  }

  #hear(answer: RankAnswer): void {
    if (answer.kind === 'failed') this.#fail(fromErrorRecord(answer.error));
    else this.#waiting.shift()?.resolve(answer);
    this.#watch();
  }

  /** Takes the time of the task that is under way. The process stays for it; a thread without one does not keep it. */
  #watch(): void {
    clearTimeout(this.#timer);
    this.#worker.unref();
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#worker.ref();
    // the answer may lie here unread, where this thread was busy for long
    const look = () => setImmediate(() => first === this.#waiting[0] && this.#fail(this.#late(first.what)));
    this.#timer = setTimeout(look, this.#timeoutMs);
  }

  #late(what: string): BackendError {
    const { rank, size } = this.#place ?? {};
    const self = rank === undefined ? 'a rank' : `rank ${rank} of ${size}`;
    const message = `${self} waited ${this.#timeoutMs / 1000} s in ${what}: another hangs, or needs longer than that`;
    return new BackendError('RANK_TIMEOUT', message);
  }

  #end(code: number): void {
    this.#hasEnded = true;
    if (this.#isClosing && this.#waiting.length === 1) this.#hear({ kind: 'done', gathered: [] });
    else if (this.#failure === undefined) this.#fail(lost(`ended with code ${code}`));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
    this.#worker.unref();
    clearTimeout(this.#timer);
  }

  /**
   * A process that ends waits for its threads: one that is inside a call of MPI may never come back. One that ends well leaves MPI
   * before. One that cannot has failed; not every launcher notices that.
   */
  readonly #exit = (exitCode: number): void => {
    if (this.#hasEnded) return;
    if (exitCode === 0 && this.#isIdle && this.#leave()) return;
    if (this.#place === undefined || this.#isClosing) this.#exitNow(exitCode || 1);
    else process.exitCode = exitCode || 1;
  };

  get #isIdle(): boolean {
    return this.#place !== undefined && this.#waiting.length === (this.#isClosing ? 1 : 0);
  }

  /** `close` for a process that waits for no promise any more; false where that failed or took too long. */
  #leave(): boolean {
    if (!this.#isClosing) this.#post({ kind: 'close' });
    this.#isClosing = true;
    Atomics.wait(this.#signals, Signal.left, 0, this.#timeoutMs);
    return Atomics.load(this.#signals, Signal.left) === 1;
  }
}

const lost = (reason: string, cause?: unknown) =>
  new BackendError('THREAD_LOST', `the thread of MPI: ${reason}`, { cause });
