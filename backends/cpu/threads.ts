import { isMainThread, type Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';

/** The threads of a piscina: which there are, and when they have really ended. */
export class Threads {
  /** Threads that ended, or are about to. */
  deaths = 0;
  readonly #piscina: Piscina;
  readonly #onEnd: (threadId: number, reason: Error) => void;
  readonly #running = new Map<number, Worker>();
  readonly #known = new WeakSet<Worker>();
  /** Of those that have failed and not ended yet: piscina tells of the failure, and goes on without them. */
  readonly #failing = new Set<Promise<void>>();
  readonly #stuck = new Set<Worker>();

  /** @param onEnd called when a thread has ended */
  constructor(piscina: Piscina, onEnd: (threadId: number, reason: Error) => void) {
    this.#piscina = piscina;
    this.#onEnd = onEnd;
    for (const thread of piscina.threads) this.#watch(thread);
    // before the thread gets its first task
    piscina.on('workerCreate', () => {
      for (const thread of piscina.threads) this.#watch(thread);
    });
    piscina.on('workerDestroy', () => this.deaths++);
  }

  /** When no thread that failed can do anything any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#failing);
  }

  /** Ends a thread as soon as it is at work in JavaScript or WebAssembly, or waits. */
  terminate(threadId: number): void {
    void this.#running.get(threadId)?.terminate();
  }

  /**
   * Gives a thread up that a system call holds, so that it can be neither ended nor joined. Node joins its threads when
   * the process ends, and would wait for ever: the process is killed then.
   */
  abandon(threadId: number): void {
    const thread = this.#running.get(threadId);
    if (thread === undefined) return;
    this.#stuck.add(thread);
    // again and again, because piscina refs it when it closes the thread's port
    setInterval(() => thread.unref(), 50).unref();
    const kill = () => process.kill(process.pid, 'SIGKILL');
    if (!isMainThread) return;
    process.once('exit', kill);
    thread.once('exit', () => process.off('exit', kill));
  }

  /** Ends all threads, and waits for those that can be ended. */
  async close(): Promise<void> {
    const others = [...this.#running.values()].filter((thread) => !this.#stuck.has(thread));
    const ended = others.map(ending);
    const destroyed = this.#piscina.destroy();
    await (this.#stuck.size === 0 ? destroyed : Promise.all(ended));
  }

  #watch(thread: Worker): void {
    if (this.#known.has(thread)) return;
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
      this.#onEnd(threadId, failure ?? new Error(`worker exited with code: ${code}`));
    });
  }
}

const ending = (thread: Worker): Promise<void> =>
  new Promise((resolve) => {
    thread.once('exit', () => resolve());
  });
