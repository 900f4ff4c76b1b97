import { ParameterError } from '../../core/errors.ts';
import type { TrainingSettings } from '../../core/trainer.ts';

export function checkOptimizer({ nesterov = false, optimizer, momentum }: TrainingSettings): void {
  if (!nesterov || (optimizer === 'sgd' && momentum > 0)) return;
  const given = `${optimizer} with momentum ${momentum}`;
  throw new ParameterError('INVALID_OPTION', `nesterov: is for sgd with momentum above 0, got ${given}`);
}

/** Throws where weights of classes are not what the loss of a model of so many classes takes. */
export function checkClassWeights({ loss, classWeights }: TrainingSettings, classes: number): void {
  if (classWeights === undefined) return;
  if (loss === 'bce') throw invalid('are for the loss cross-entropy, got bce');
  const isRight = classWeights.length === classes && classWeights.every((one) => one >= 0 && one < Infinity);
  if (!isRight) throw invalid(`must be ${classes} numbers of 0 or more, got ${classWeights.join()}`);
}

const invalid = (message: string): ParameterError =>
  new ParameterError('INVALID_OPTION', `classWeights: ${message}`);
