import { ParameterError } from '../../core/errors.ts';
import type { TrainingSettings } from '../../core/trainer.ts';

export function checkOptimizer({ nesterov = false, optimizer, momentum }: TrainingSettings): void {
  if (!nesterov || (optimizer === 'sgd' && momentum > 0)) return;
  const given = `${optimizer} with momentum ${momentum}`;
  throw new ParameterError('INVALID_OPTION', `nesterov: is for sgd with momentum above 0, got ${given}`);
}
