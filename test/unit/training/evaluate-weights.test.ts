import { describe, expect, it } from 'vitest';
import { images } from '../../../src/datasets/memory/images.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import type { WritableTensor } from '../../../src/trainers/safetensors.ts';
import { type EvaluateOptions, evaluate } from '../../../src/training/evaluate.ts';
import { foreignFile } from '../../support/foreign-golden.ts';
import { formulaWeights } from '../../support/formula.ts';
import { patternItems } from '../../support/raw-images.ts';
import { countingTrainer } from '../../support/trainers.ts';

const data = images(
  patternItems(4).map((item, i) => ({ ...item, label: i % 2 })),
  { classes: ['cat', 'dog'] },
);

/** Labels that a trainer is given with weights of so many numbered classes, and what is said. */
async function evaluated(classes: number, more: Partial<EvaluateOptions> = {}) {
  const model = efficientNet({ variant: 'nano', classes });
  const checkpoint = foreignFile(formulaWeights(model) as Record<string, WritableTensor>);
  const labels: number[] = [];
  const said: string[] = [];
  const trainer = {
    ...countingTrainer(),
    load: async () => {},
    evaluateStep: async (batch: { labels: Int32Array }) => {
      labels.push(...batch.labels);
      return { lossSum: 0, top1: 0, top5: 0, rows: batch.labels.length };
    },
  };
  const stream = { workers: 0, batchSize: 4 };
  await evaluate({ checkpoint, data, trainer, stream, onMessage: (line) => said.push(line), ...more });
  return { labels, said, checkpoint };
}

describe('weights whose classes have no names', () => {
  it('are evaluated with the names of the data, where there are as many, and that is said', async () => {
    const { labels, said, checkpoint } = await evaluated(2);
    expect(labels).toEqual([0, 1, 0, 1]);
    expect(said).toContain(
      `${checkpoint}: its 2 classes have no names, and are taken for the data's in their order`,
    );
    expect(said[0]).toContain('efficientnet-nano with the names of NVIDIA');
  });

  it('are evaluated with the names that are given, in their order', async () => {
    const { labels } = await evaluated(3, { classes: ['owl', 'dog', 'cat'] });
    expect(labels).toEqual([2, 1, 2, 1]);
  });

  it('ask for names where the data has others', async () => {
    await expect(evaluated(3)).rejects.toThrow(
      /its 3 classes have no names, and the data has 2: name them by classes \(--classes\), as the data does$/,
    );
  });
});
