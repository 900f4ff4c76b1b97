import type { Dataset } from '../datasets/dataset.ts';
import type { KnownAddresses } from '../datasets/opening/known-addresses.ts';
import { cutValPart } from '../datasets/opening/val-part.ts';
import { openData, type ReadingOptions, readingOf } from '../streams/open-data.ts';
import { partsOfFold, type SelectionOptions, selectionOf } from '../streams/selection.ts';
import type { OptionalTrainOptions } from './train-options.ts';

/** What a training reads, and what was cut out of it to be evaluated on. */
export interface TrainingData {
  readonly dataset: Dataset;
  readonly valPart?: Dataset;
}

/** Where training data are, and what of them is kept to evaluate on. */
interface TrainingSource
  extends ReadingOptions,
    SelectionOptions,
    Pick<OptionalTrainOptions, 'valShare' | 'evaluation'> {
  readonly data: string | Dataset;
}

/** Opens what is trained on. `known`: what the same run has found at addresses. */
export async function openTrainingData(
  options: TrainingSource,
  tell: (message: string) => void,
  known?: KnownAddresses,
): Promise<TrainingData> {
  const { data, valShare = 0, fold, evaluation } = options;
  const isCut = valShare > 0 || fold !== undefined;
  const isEvaluated = evaluation !== false && evaluation?.data === undefined && !isCut;
  const uses = isEvaluated ? (['train', 'val'] as const) : (['train'] as const);
  const chosen = { ...readingOf(options), ...selectionOf(options), fold: undefined };
  const dataset = await openData(data, { split: 'train', uses, ...chosen, known }, tell);
  if (fold !== undefined) {
    const { train, val } = partsOfFold(dataset, fold, tell);
    return { dataset: train, valPart: val };
  }
  if (valShare === 0) return { dataset };
  const { train, val } = cutValPart(dataset, valShare);
  tell(
    `valShare ${valShare} (--val-split): ${val.length} of ${dataset.length} images are for val, the others are trained on`,
  );
  return { dataset: train, valPart: val };
}
