import type { Trainer } from '../core/trainer.ts';

/** Drops every batch: what is left to measure is the pipeline. Its loss is 0, and it has no weights. */
export function createTrainer(): Trainer {
  return {
    name: 'none',
    prepare: async () => {},
    trainStep: async () => ({ loss: 0 }),
    contribution: async () => ({ vector: new Float32Array(1) }),
    applySum: async () => ({ loss: 0 }),
    evaluateStep: async ({ labels }) => ({ lossSum: 0, top1: 0, top5: 0, rows: labels.length }),
    state: async () => ({ weights: {}, optimizer: {} }),
    load: async () => {},
    close: async () => {},
  };
}
