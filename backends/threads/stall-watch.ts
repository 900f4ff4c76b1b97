import type { Marks } from './marks.ts';
import { ENDING_MS } from './threads.ts';

/** When the item that a thread has in hand was seen to change, and what was done about it. */
interface Watched {
  readonly place: number;
  beat: number;
  /** Ticks that have found it unchanged. */
  ticks: number;
  isStalled: boolean;
}

export interface StallHandlers<Task> {
  /** The task has had the same item in hand for longer than the limit; called again as long as it has. */
  onStall(task: Task): void;
  /** Nor has its thread ended in the time that was left to it then. */
  onStuck(task: Task): void;
}

const TICKS_A_LIMIT = 10;

/**
 * Finds tasks that do not get on. It counts the ticks of a timer, not the time that has passed: a process that was
 * suspended, or a calling thread that is busy with a trainer's step, looks late, and finds its threads further on.
 */
export class StallWatch<Task> {
  readonly #marks: Marks;
  readonly #limitMs: number;
  readonly #handlers: StallHandlers<Task>;
  readonly #tickMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #watched = new Map<Task, Watched>();

  constructor(marks: Marks, limitMs: number, handlers: StallHandlers<Task>) {
    this.#marks = marks;
    this.#limitMs = limitMs;
    this.#handlers = handlers;
    this.#tickMs = Math.max(10, Math.min(limitMs, ENDING_MS) / TICKS_A_LIMIT);
    // what keeps the process alive is the stream
    this.#timer = setInterval(() => this.#tick(), this.#tickMs).unref();
  }

  add(task: Task, place: number): void {
    this.#watched.set(task, { place, beat: this.#marks.read(place).beat, ticks: 0, isStalled: false });
  }

  delete(task: Task): void {
    this.#watched.delete(task);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    for (const [task, watched] of this.#watched) {
      const { item, beat } = this.#marks.read(watched.place);
      watched.ticks = item === undefined || beat !== watched.beat ? 0 : watched.ticks + 1;
      watched.beat = beat;
      if (!watched.isStalled && this.#isOver(watched, this.#limitMs))
        Object.assign(watched, { isStalled: true, ticks: 0 });
      if (!watched.isStalled) continue;
      if (this.#isOver(watched, ENDING_MS)) this.#handlers.onStuck(task);
      else this.#handlers.onStall(task);
    }
  }

  /** The first tick may have come at once: it does not count. */
  #isOver({ ticks }: Watched, limitMs: number): boolean {
    return ticks > limitMs / this.#tickMs;
  }
}
