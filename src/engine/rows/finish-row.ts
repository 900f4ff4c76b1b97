import type { FinishRow } from '../../../backends/backend.ts';
import type { RowMix } from '../../core/mixing.ts';
import type { Erasing } from '../plan/erasing.ts';

/** A row that a backend holds, and what is erased of it. */
export interface HeldRow {
  readonly row: number;
  readonly erasing: Erasing;
}

/** How a row becomes one of a tensor: alone, or mixed with its partner. */
export function finishRow(
  { row, erasing }: HeldRow,
  mix: RowMix | undefined,
  partner: HeldRow | undefined,
): FinishRow {
  if (mix === undefined || partner === undefined) return { row, ...erasing };
  const { erase } = partner.erasing;
  return { row, ...erasing, mix: { ...mix, partner: partner.row, ...(erase && { erase }) } };
}
