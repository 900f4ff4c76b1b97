import { ParameterError } from './errors.ts';
import { Interrupted } from './interrupted.ts';

/** `interrupted` by Ctrl-C, `unread` by a reader that left: what shells make of SIGINT and SIGPIPE. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130, unread: 141 } as const;

/** What a process that an error ends leaves with. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return exitCodes.interrupted;
  return error instanceof ParameterError ? exitCodes.usage : exitCodes.failed;
}
