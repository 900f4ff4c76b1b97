import type { Dataset } from '../datasets/dataset.ts';
import { cutValPart } from '../datasets/val-part.ts';
import { openData, type ReadingOptions, readingOf } from '../streams/open-data.ts';
import type { OptionalTrainOptions } from './train-options.ts';

/** What a training reads, and what was cut out of it to be evaluated on. */
export interface TrainingData {
  readonly dataset: Dataset;
  readonly valPart?: Dataset;
}

/** Where training data are, and what of them is kept to evaluate on. */
interface TrainingSource extends ReadingOptions, Pick<OptionalTrainOptions, 'valShare' | 'evaluation'> {
  readonly data: string | Dataset;
}

/** Opens what is trained on. */
export async function openTrainingData(
  options: TrainingSource,
  tell: (message: string) => void,
): Promise<TrainingData> {
  const { data, valShare = 0, evaluation } = options;
  const isEvaluated = evaluation !== false && evaluation?.data === undefined && valShare === 0;
  const uses = isEvaluated ? (['train', 'val'] as const) : (['train'] as const);
  const dataset = await openData(data, { split: 'train', uses, ...readingOf(options) }, tell);
  if (valShare === 0) return { dataset };
  const { train, val } = cutValPart(dataset, valShare);
  tell(
    `valShare ${valShare} (--val-split): ${val.length} of ${dataset.length} images are for val, the others are trained on`,
  );
  return { dataset: train, valPart: val };
}
