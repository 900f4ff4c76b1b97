import { TrainerError } from '../../core/errors.ts';
import type { Trainer } from '../../core/trainer.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';

interface GraphOptions {
  readonly gpuAdapter?: string;
}

/** What a later commit trains on a GPU: until then its name and its precisions. */
export function createTrainer(_: GraphOptions = {}): Trainer<EfficientNet> {
  const refuse = async () => {
    throw new TrainerError('NOT_PREPARED', 'graph: this trainer is not built yet');
  };
  return {
    name: 'graph',
    precisions: ['float32', 'mixed'],
    prepare: refuse,
    trainStep: refuse,
    evaluateStep: refuse,
    state: refuse,
    load: refuse,
    close: async () => {},
  };
}
