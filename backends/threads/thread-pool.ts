import { fileURLToPath } from 'node:url';
import { BackendError, reasonOf } from '../../src/core/errors.ts';
import { atExit } from './at-exit.ts';
import { Marks } from './marks.ts';
import { OpenedThreads } from './opened-threads.ts';
import { answer, type RunningTask, type WaitingTask } from './pooled-task.ts';
import { StallWatch } from './stall-watch.ts';
import { closedError, type TaskPool } from './task-pool.ts';
import { ThreadLoss, threadFailure } from './thread-loss.ts';
import type { PlacedTask, TaskOutcome, ThreadData } from './thread-task.ts';
import { ENDING_MS, TASKS_PER_THREAD, Threads } from './threads.ts';
import { blockUntil, until, within } from './waiting.ts';

/** How a pool's threads work. */
export interface ThreadPoolOptions<Task> {
  /** A module that exports `run`, made by `runTasks`. */
  readonly worker: URL;
  readonly threads: number;
  /** What the module's runner is opened with. */
  readonly setup: unknown;
  /** A thread that has one item in hand for longer is ended. Infinity: no limit. */
  readonly itemTimeoutMs: number;
  /** What an error calls an item. */
  nameOf(task: Task, item: number): string;
}

/** What tasks that run get at the end: nobody waits for their results. */
const CLOSING_MS = 2_000;

// Deaths a thread, one after the other, with nothing in hand: whatever kills them, it is no task's item.
const FRUITLESS_STARTS = 3;

/**
 * Gives tasks to threads, and says of each whose thread is lost what it had in hand. piscina's queue cannot be emptied, so
 * ours stands before it: closing then waits for a few tasks, not for all that were planned.
 */
export class ThreadPool<Task, Result> implements TaskPool<Task, Result> {
  readonly #options: ThreadPoolOptions<Task>;
  readonly #marks: Marks;
  readonly #opened: OpenedThreads;
  readonly #threads: Threads<PlacedTask<Task>, TaskOutcome<Result>>;
  readonly #watch: StallWatch<RunningTask<Task, Result>>;
  readonly #waiting: WaitingTask<Task, Result>[] = [];
  readonly #running = new Set<RunningTask<Task, Result>>();
  readonly #freePlaces: number[];
  readonly #forgetAtExit: () => void;
  #settled = 0;
  #fruitless = 0;
  #failed: BackendError | undefined;
  #closed: Promise<void> | undefined;
  #idle: () => void = () => {};

  constructor(options: ThreadPoolOptions<Task>) {
    const { worker, threads, setup, itemTimeoutMs } = options;
    const places = threads * TASKS_PER_THREAD;
    this.#options = options;
    this.#freePlaces = Array.from({ length: places }, (_, place) => place);
    this.#marks = Marks.allocate(places);
    this.#opened = OpenedThreads.allocate(threads);
    const data: ThreadData<unknown> = {
      isMillraceThread: true,
      setup,
      marks: this.#marks.buffer,
      opened: this.#opened.buffer,
    };
    this.#threads = new Threads({
      filename: fileURLToPath(worker),
      threads,
      workerData: data,
      onEnd: (threadId, reason) => {
        this.#opened.delete(threadId);
        this.#countEnd(threadId, reason);
      },
      onNone: (reason) => this.#countFruitless(reason),
    });
    this.#forgetAtExit = atExit(() => blockUntil(() => this.#condemn(), ENDING_MS));
    this.#watch = new StallWatch(this.#marks, itemTimeoutMs, {
      onStall: (running) => this.#endThreadOf(running),
      onStuck: (running) => this.#abandonThreadOf(running),
    });
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
    while (this.#running.size < this.#limit()) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const place = this.#freePlaces.pop() as number;
      const running: RunningTask<Task, Result> = {
        ...next,
        place,
        deaths: this.#threads.deaths,
        isStalled: false,
      };
      this.#marks.clear(place);
      this.#running.add(running);
      this.#watch.add(running, place);
      this.#threads.run({ place, task: next.task }).then(
        (outcome) => this.#succeed(running, outcome),
        (cause) => this.#lose(running, cause),
      );
    }
  }

  /** While threads start, a task that waited for the second one to be ready would hold up the first batch. */
  #limit(): number {
    const { threads } = this.#options;
    return this.#settled < threads ? threads : threads * TASKS_PER_THREAD;
  }

  #succeed(running: RunningTask<Task, Result>, outcome: TaskOutcome<Result>): void {
    this.#fruitless = 0;
    this.#settle(running, () => answer(outcome, running));
  }

  /** A task's own error arrives as its outcome: what arrives here is a thread that died. */
  async #lose(running: RunningTask<Task, Result>, cause: unknown): Promise<void> {
    if (running.deaths === this.#threads.deaths) return this.#failWith(this.#rejection(cause));
    const loss = this.#lossOf(running, cause);
    // it may be at the very end of its life: two threads must not write the same rows
    await this.#threads.ended();
    this.#settle(running, () => running.reject(loss));
  }

  /** Of a task without a thread: what it holds cannot be cloned, unless the threads are being ended. */
  #rejection(cause: unknown): BackendError {
    if (this.#closed !== undefined) return closedError();
    return threadFailure('TASK_NOT_SENT', 'a task cannot be sent to a worker thread', cause);
  }

  #lossOf({ place, isStalled }: RunningTask<Task, Result>, cause: unknown): ThreadLoss {
    const mark = this.#marks.read(place);
    if (isStalled) return new ThreadLoss('TIMED_OUT', this.#overdue(), mark, cause);
    return new ThreadLoss('WORKER_DIED', `its thread ended: ${reasonOf(cause)}`, mark, cause);
  }

  #overdue(): string {
    return `not done after ${this.#options.itemTimeoutMs / 1000} s`;
  }

  #settle(running: RunningTask<Task, Result>, deliver: () => void): void {
    if (!this.#running.delete(running)) return;
    this.#watch.delete(running);
    this.#freePlaces.push(running.place);
    this.#settled++;
    deliver();
    if (this.#closed === undefined) this.#start();
    if (this.#running.size === 0) this.#idle();
  }

  /** Threads that cannot even start would be replaced for ever. */
  #countEnd(threadId: number, reason: unknown): void {
    const marks = [...this.#running].map(({ place }) => this.#marks.read(place));
    const hadItem = marks.some((mark) => mark.threadId === threadId && mark.item !== undefined);
    if (hadItem) this.#fruitless = 0;
    else this.#countFruitless(reason);
  }

  #countFruitless(reason: unknown): void {
    if (++this.#fruitless < this.#options.threads * FRUITLESS_STARTS) return;
    this.#failWith(threadFailure('WORKER_DIED', 'a worker thread ended unexpectedly', reason));
  }

  /** Called until the thread has ended, or is given up. */
  #endThreadOf(running: RunningTask<Task, Result>): void {
    running.isStalled = true;
    const isSafe = this.#marks.condemn(running.place);
    if (isSafe) this.#threads.terminate(this.#marks.read(running.place).threadId);
  }

  /** A system call that does not return: a file on a server that is gone, a pipe that nobody writes to. */
  #abandonThreadOf(running: RunningTask<Task, Result>): void {
    const { threadId, item = 0 } = this.#marks.read(running.place);
    this.#threads.abandon(threadId);
    const sample = this.#options.nameOf(running.task, item);
    const reason = `${this.#overdue()}, and its thread cannot be ended`;
    this.#failWith(new BackendError('WORKER_STUCK', `${sample}: ${reason}`, { sample }));
  }

  #failWith(error: BackendError): void {
    this.#failed ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failed);
    // a close that waits need wait no longer
    this.#idle();
    void this.close();
  }

  async #shutDown(): Promise<void> {
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
    if (this.#failed === undefined && this.#running.size > 0)
      await within(CLOSING_MS, new Promise<void>((resolve) => (this.#idle = resolve)));
    this.#watch.close();
    await within(
      ENDING_MS,
      until(() => this.#condemn()),
    );
    await this.#threads.close();
    this.#forgetAtExit();
    for (const running of this.#running)
      this.#settle(running, () => running.reject(this.#failed ?? closedError()));
  }

  /** True when every thread can be ended: none is in code, or loads any, that must not be interrupted. */
  #condemn(): boolean {
    const places = [...this.#running].map(({ place }) => place);
    return this.#marks.condemnAll(places) && this.#threads.ids.every((id) => this.#opened.has(id));
  }
}
