import { DataError } from '../core/errors.ts';
import { type Dataset, labelsAt } from '../datasets/dataset.ts';

/** Throws where images may have several classes and not one has any: mAP would be no number, and no weights the best. */
export function checkAnyClass(dataset: Dataset): Dataset {
  if (dataset.labels === undefined) return dataset;
  for (let index = 0; index < dataset.length; index++)
    if (labelsAt(dataset, index).length > 0) return dataset;
  const message = `${dataset.name}: not one of ${dataset.length} images has a class: there is nothing to evaluate`;
  throw new DataError('NO_CLASS', message);
}
