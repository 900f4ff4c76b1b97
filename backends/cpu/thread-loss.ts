import { BackendError } from '../../src/core/errors.ts';
import type { Mark } from '../../src/core/marks.ts';

/** How a task lost its thread. */
interface Circumstances {
  /** The last that the thread said of the task. */
  readonly mark: Mark;
  /** Whether the thread was ended by its pool, because of this task or another. */
  readonly wasEnded: boolean;
  /** The task's beat at that time, where it was because of this one. */
  readonly stalledBeat: number | undefined;
  readonly itemTimeoutMs: number;
  readonly cause: unknown;
}

/** A task's thread died or was stuck. What the task has written is worthless; it can be run again. */
export class ThreadLoss extends BackendError {
  /** Place in the task of the item that is to blame; undefined: none of this task's. */
  readonly item: number | undefined;
  /** 0: no thread had begun the task. */
  readonly threadId: number;

  constructor({ mark, wasEnded, stalledBeat, itemTimeoutMs, cause }: Circumstances) {
    const isStalled = stalledBeat !== undefined;
    const reason = isStalled
      ? `not done after ${itemTimeoutMs / 1000} s`
      : `its thread ended: ${reasonOf(cause)}`;
    super(isStalled ? 'TIMED_OUT' : 'WORKER_DIED', reason, { cause });
    // where the thread was ended: the item that it was ended for, unless it got on after all, too late
    this.item = !wasEnded || stalledBeat === mark.beat ? mark.item : undefined;
    this.threadId = mark.threadId;
  }
}

export const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
