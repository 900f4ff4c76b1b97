import { type MillraceError, reasonOf } from '../../core/errors.ts';
import { escapeControls } from '../../core/escape-controls.ts';
import { exitCodeOf } from '../../core/exit-codes.ts';
import { stackOf } from '../../core/stack-of.ts';
import type { Agreement } from './agreement.ts';

/** Ends all ranks where this one alone knows of the error: the others would wait for it for ever. */
export async function endAll(agreement: Agreement, error: unknown): Promise<void> {
  if (agreement.isAgreed(error)) return;
  const { rank, size } = agreement.ranks;
  const { code = 'UNEXPECTED' } = Object(error) as Partial<MillraceError>;
  const message = escapeControls(`rank ${rank} of ${size}: ${reasonOf(error)}`);
  const stack = stackOf(error);
  process.stderr.write(`error: ${message} [${code}]\n${stack === undefined ? '' : `${stack}\n`}`);
  await agreement.ranks.abort(exitCodeOf(error));
}
