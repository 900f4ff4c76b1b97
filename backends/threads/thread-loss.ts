import { BackendError, reasonOf } from '../../src/core/errors.ts';
import type { Mark } from './marks.ts';

/** A task's thread died or was stuck. What the task has written is worthless; it can be run again. */
export class ThreadLoss extends BackendError {
  /** Place in the task of the item that the thread had in hand; undefined: none of this task's. */
  readonly item: number | undefined;

  constructor(code: 'WORKER_DIED' | 'TIMED_OUT', reason: string, { item }: Mark, cause: unknown) {
    super(code, reason, { cause });
    this.item = item;
  }
}

/** What ends a pool: `what`, and why. */
export const threadFailure = (code: string, what: string, cause: unknown): BackendError =>
  new BackendError(code, `${what}: ${reasonOf(cause)}`, { cause });
