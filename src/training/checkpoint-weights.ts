import { DataError } from '../core/errors.ts';
import type { TensorMap } from '../core/trainer.ts';

/** The weights of a checkpoint, or their moving average where that is asked for. `path` names the file in errors. */
export function checkpointWeights(
  path: string,
  { weights, average }: { readonly weights: TensorMap; readonly average?: TensorMap | undefined },
  isAverageAsked: boolean,
): TensorMap {
  if (!isAverageAsked) return weights;
  if (average !== undefined) return average;
  throw new DataError('NO_AVERAGE', `${path}: has no moving average: it was trained without --use-ema`);
}
