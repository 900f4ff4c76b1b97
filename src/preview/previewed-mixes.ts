import type { Size } from '../core/image.ts';
import type { RowMix } from '../core/mixing.ts';
import { rowsOfBatch, type SamplingOptions } from '../engine/order/sampling.ts';
import { batchOperator, type Plan } from '../engine/plan/plan.ts';
import { rowMixes } from '../engine/run/row-mixes.ts';
import type { SamplePlace } from './sample-places.ts';

/** How a sample's row is mixed, and with which sample's. */
export interface PreviewMix {
  readonly mix: RowMix;
  readonly partnerId: number;
  /** Which of its sample's rows of the epoch the partner is. */
  readonly partnerOccurrence: number;
}

/** How a pipeline mixes the row of this size at a place of an epoch; undefined: not at all. */
export type PreviewMixes = (place: SamplePlace, epoch: number, size: Size) => PreviewMix | undefined;

/** Undefined where the plan mixes nothing. */
export function previewMixes(plan: Plan, sampling: SamplingOptions): PreviewMixes | undefined {
  if (batchOperator(plan) === undefined) return undefined;
  const { seed, batchSize } = sampling;
  return ({ position }, epoch, size) => {
    const [index, row] = [Math.floor(position / batchSize), position % batchSize];
    const { ids, occurrences, firstPosition } = rowsOfBatch(sampling, epoch, index);
    const rows = Array.from(ids, (id) => ({ id }));
    const mix = rowMixes(plan, seed, size)?.({ epoch, index, firstPosition, rows })[row];
    const partner = row ^ 1;
    return (
      mix && {
        mix,
        partnerId: ids[partner] as number,
        partnerOccurrence: occurrences[partner] as number,
      }
    );
  };
}
