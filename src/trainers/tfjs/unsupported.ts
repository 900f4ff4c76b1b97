import { TrainerError } from '../../core/errors.ts';
import type { TrainingSettings, TrainStepOptions } from '../../core/trainer.ts';

/** Throws where settings ask for what only the trainer `graph` has. */
export function checkSettings({ frozen = [], bodyRate = 1 }: TrainingSettings): void {
  if (frozen.length > 0) throw unsupported('frozen (--freeze)');
  if (bodyRate !== 1) throw unsupported('bodyRate (--body-lr)');
}

export function checkStep({ fixedStatistics = false }: TrainStepOptions): void {
  if (fixedStatistics) throw unsupported('fixedStatistics');
}

const unsupported = (option: string): TrainerError =>
  new TrainerError('UNSUPPORTED_OPTION', `tfjs: ${option} is not supported: the trainer graph has it`);
