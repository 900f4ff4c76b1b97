import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Batch, BatchImages } from '../../../src/core/batch.ts';
import type { TensorMap, TrainerState } from '../../../src/core/trainer.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { pipeline } from '../../../src/pipeline.ts';
import { evaluationSteps } from '../../../src/streams/recipe.ts';
import { encodeSafetensors, type WritableTensor } from '../../../src/trainers/safetensors.ts';
import { toMetadata } from '../../../src/training/checkpoint-metadata.ts';
import { type EvaluateOptions, evaluate } from '../../../src/training/evaluate.ts';
import { folderOf } from '../../support/folders.ts';
import { foreignFile } from '../../support/foreign-golden.ts';
import { formulaWeights } from '../../support/formula.ts';
import { patternItems } from '../../support/raw-images.ts';
import { collect } from '../../support/streams.ts';
import { torchFile } from '../../support/torch-files.ts';
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
  let loaded: TensorMap = {};
  const trainer = {
    ...countingTrainer(),
    load: async ({ weights }: TrainerState) => {
      loaded = weights;
    },
    evaluateStep: async (batch: { labels: Int32Array }) => {
      labels.push(...batch.labels);
      return { lossSum: 0, top1: 0, top5: 0, rows: batch.labels.length };
    },
  };
  const stream = { workers: 0, batchSize: 4 };
  await evaluate({ checkpoint, data, trainer, stream, onMessage: (line) => said.push(line), ...more });
  return { labels, said, loaded, checkpoint };
}

describe('tta', () => {
  it('gives the mean of the views, once an image, by a trainer that predicts', async () => {
    const shapes: (readonly number[])[] = [];
    const trainer = {
      ...countingTrainer(),
      load: async () => {},
      // of two views only the mean is for the second class
      predict: async ({ ids, occurrences, shape }: Batch) => {
        shapes.push(shape);
        return Float32Array.from(
          [...ids].flatMap((_, row) => (occurrences?.[row] === 0 ? [1, 0] : [0, 1.5])),
        );
      },
    };
    const model = efficientNet({ variant: 'nano', classes: 2 });
    const checkpoint = foreignFile(formulaWeights(model) as Record<string, WritableTensor>);
    const stream = { workers: 0, batchSize: 4 };
    const found = await evaluate({ checkpoint, data, trainer, stream, tta: 'flip' });
    expect(found).toMatchObject({ images: 4, top1: 0.5 });
    expect(found.confusion).toEqual([
      { label: 0, prediction: 1, images: 2 },
      { label: 1, prediction: 1, images: 2 },
    ]);
    expect(shapes.map(([rows]) => rows)).toEqual([4, 4]);
  });

  it('is refused where it is another, or the trainer gives no logits', async () => {
    await expect(evaluated(2, { tta: 7 as never })).rejects.toThrow(
      'evaluate: tta must be one of flip, 5, 10, got 7',
    );
    await expect(evaluated(2, { tta: 5 })).rejects.toThrow('has no predict(), which gives the logits');
  });
});

describe('the crop', () => {
  const imageSize = 12;

  /** The images that a trainer is given to judge. */
  async function judged(more: Pick<EvaluateOptions, 'cropPct' | 'cropMode'>): Promise<BatchImages> {
    const seen: BatchImages[] = [];
    const evaluateStep = async (batch: Batch) => {
      seen.push(batch.images.slice());
      return { lossSum: 0, top1: 0, top5: 0, rows: batch.labels.length };
    };
    const trainer = { ...countingTrainer(), load: async () => {}, evaluateStep };
    const model = efficientNet({ variant: 'nano', classes: 2 });
    const checkpoint = foreignFile(formulaWeights(model) as Record<string, WritableTensor>);
    const stream = { workers: 0, batchSize: 4 };
    await evaluate({ checkpoint, data, trainer, stream, imageSize, interpolation: 'bicubic', ...more });
    return seen[0] as BatchImages;
  }

  it.each([{}, { cropPct: 0.5 }, { cropMode: 'squash' }, { cropPct: 1, cropMode: 'border' }] as const)(
    'is the one that is asked for: %j',
    async (crop) => {
      const order = { workers: 0, batchSize: 4, shuffle: false } as const;
      const steps = evaluationSteps({ imageSize, interpolation: 'bicubic', ...crop });
      const [expected] = await collect(pipeline(data, order).pipe(...steps));
      expect(await judged(crop)).toEqual(expected?.images);
    },
  );

  it.each([
    [{ cropPct: 0 }, 'cropPct must be a number above 0, at most 1, got 0'],
    [{ cropPct: 1.2 }, 'cropPct must be a number above 0, at most 1, got 1.2'],
    [{ cropMode: 'centre' as never }, "cropMode must be one of center, squash, border, got 'centre'"],
  ])('is refused where there is none such: %j', async (crop, message) => {
    await expect(judged(crop)).rejects.toThrow(`evaluate: ${message}`);
  });
});

it('takes the moving average that a PyTorch file has beside its weights, where it is asked for', async () => {
  const model = efficientNet({ variant: 'nano', classes: 2 });
  const file = torchFile({ state_dict: formulaWeights(model), model_ema: formulaWeights(model, 'ema/') });
  const checkpoint = join(folderOf({ 'w.pth': file }), 'w.pth');
  const { loaded } = await evaluated(2, { checkpoint, average: true });
  expect(loaded).toEqual(formulaWeights(model, 'ema/'));
  expect((await evaluated(2, { checkpoint })).loaded).toEqual(formulaWeights(model));
});

it('says nothing of the outputs that a checkpoint of ours has beyond its classes', async () => {
  const model = efficientNet({ variant: 'nano', classes: 5 });
  const metadata = toMetadata({ model, classes: ['dog', 'cat'], imageSize: 8, interpolation: 'bilinear' });
  const tensors = formulaWeights(model) as Record<string, WritableTensor>;
  const checkpoint = join(
    folderOf({ 'own.safetensors': encodeSafetensors({ tensors, metadata }) }),
    'own.safetensors',
  );
  const { labels, said } = await evaluated(5, { checkpoint });
  expect(labels).toEqual([1, 0, 1, 0]);
  expect(said).toEqual([]);
});

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
