import type { Size } from '../core/image.ts';
import type { RowMix } from '../core/mixing.ts';
import { permutedFrom } from '../engine/order/permutation.ts';
import { rowsOfBatch } from '../engine/order/sampling.ts';
import { batchOperator, type Plan } from '../engine/plan/plan.ts';
import { rowMixes } from '../engine/run/row-mixes.ts';

/** The stream whose rows are shown. */
interface Stream {
  readonly length: number;
  readonly seed: number;
  readonly batchSize: number;
}

/** How a sample's row is mixed, and with which sample's. */
export interface PreviewMix {
  readonly mix: RowMix;
  readonly partnerId: number;
}

/** How a pipeline mixes a sample's row of this size in this epoch; undefined: not at all. */
export type PreviewMixes = (id: number, epoch: number, size: Size) => PreviewMix | undefined;

/** Undefined where the plan mixes nothing. */
export function previewMixes(plan: Plan, { length, seed, batchSize }: Stream): PreviewMixes | undefined {
  if (batchOperator(plan) === undefined) return undefined;
  const sampling = { length, batchSize, seed, shuffle: true, dropLast: false, rank: 0, worldSize: 1 };
  return (id, epoch, size) => {
    const position = permutedFrom(length, seed, epoch)(id);
    const [index, row] = [Math.floor(position / batchSize), position % batchSize];
    const { ids, firstPosition } = rowsOfBatch(sampling, epoch, index);
    const rows = Array.from(ids, (id) => ({ id }));
    const mix = rowMixes(plan, seed, size)?.({ epoch, index, firstPosition, rows })[row];
    return mix && { mix, partnerId: ids[row ^ 1] as number };
  };
}
