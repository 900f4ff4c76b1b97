import { ParameterError } from '../core/errors.ts';
import type { TrainingSettings } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { type WeighedTraining, withClassWeights } from './class-weights.ts';

/** What a trainer is told, with what the data decide: the loss where none was chosen, and weights of the classes. */
export const settingsFor = (training: WeighedTraining, dataset: Dataset, classes: number): TrainingSettings =>
  withClassWeights({ ...training, optimizer: withLoss(training.optimizer, dataset) }, dataset, classes);

/** The loss that the data ask for, where none was chosen; one that they cannot have is refused. */
function withLoss(optimizer: TrainingSettings, { name, labels }: Dataset): TrainingSettings {
  if (labels === undefined) return optimizer;
  if (optimizer.loss !== 'cross-entropy') return { ...optimizer, loss: 'bce' };
  const reason = `takes one class per image, and those of ${name} may have several: leave it out, or choose bce`;
  throw new ParameterError('INVALID_OPTION', `loss (--loss): cross-entropy ${reason}`);
}
