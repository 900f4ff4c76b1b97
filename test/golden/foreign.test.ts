import { describe, expect, it } from 'vitest';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { openWeights } from '../../src/training/open-weights.ts';
import {
  type ForeignCase,
  foreignCase,
  foreignCases,
  foreignFile,
  foreignTensors,
} from '../support/foreign-golden.ts';
import { logitErrors, predict } from '../support/model-golden.ts';

const ofTensorFlow = 'tf_efficientnet_b0 of timm';
const configOf = ({ name }: ForeignCase) =>
  name === ofTensorFlow ? { architecture: 'tf_efficientnet_b0', num_classes: 100 } : undefined;

/** Largest difference from PyTorch's logits, over the root mean square of those. */
async function errorOf(model: EfficientNet, one: ForeignCase, path: string): Promise<number> {
  const { weights } = await openWeights(path, model.options);
  const logits = await predict(model, weights, one, createTrainer({ device: 'cpu' }));
  return logitErrors(logits, Float32Array.from(one.logits)).worst;
}

describe('weights of other libraries', () => {
  it.each(foreignCases)('of $name give the logits of PyTorch', async (one) => {
    const path = foreignFile(foreignTensors(one), configOf(one));
    const { model, classes, said } = await openWeights(path, undefined);
    expect(model.name).toBe(`efficientnet-${one.variant}`);
    expect(model.batchNorm.epsilon).toBe(one.epsilon);
    expect(model.padding).toBe(one.padding);
    expect(classes).toHaveLength(100);
    expect(said).toEqual([
      `${path}: efficientnet-${one.variant} with the names of ${one.family}; batch norm's epsilon ${one.epsilon} (assumed, --bn-epsilon overrides), padding ${one.padding} (assumed, --padding overrides)`,
    ]);
    expect(await errorOf(model, one, path)).toBeLessThan(1e-4);
  });

  it.each([{ batchNormEpsilon: 1e-3 }, { padding: 'same' }] as const)(
    'are computed otherwise, as PyTorch does not, where %o is given',
    async (given) => {
      const one = foreignCase('efficientnet_b0 of timm');
      const path = foreignFile(foreignTensors(one));
      const { model, said } = await openWeights(path, given);
      expect(said[0]).toContain('(as given)');
      expect(await errorOf(model, one, path)).toBeGreaterThan(1e-3);
    },
  );
});
