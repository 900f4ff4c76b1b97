import type { Trainer } from '../core/trainer.ts';

/** Drops batches: measures what the data side alone can do. It has no weights and judges nothing. */
export function createTrainer(): Trainer {
  return {
    name: 'none',
    prepare: async () => {},
    trainStep: async () => ({ loss: 0 }),
    evaluateStep: async ({ labels }) => ({ lossSum: 0, top1: 0, top5: 0, rows: labels.length }),
    state: async () => ({ weights: {}, optimizer: {} }),
    load: async () => {},
    close: async () => {},
  };
}
