import { expect, it } from 'vitest';
import type { OptimizerName, TrainerState } from '../../../src/core/trainer.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import { GraphTrainer } from '../../../src/trainers/graph/graph-trainer.ts';
import type { TrainOptions } from '../../../src/training/train-options.ts';
import { folderOf } from '../../support/folders.ts';
import { describeInPrecisions } from '../../support/graph-devices.ts';
import { patternItems } from '../../support/raw-images.ts';
import { trainOnRanks } from '../../support/trained-on-ranks.ts';

// three steps of 8 rows
const data = images(patternItems(25, 3));

/** Every source of chance there is; the epoch ends within an update. */
const options = (optimizer: OptimizerName): TrainOptions => ({
  ...{ data, report: false, evaluation: false, parts: 4, rowsPerUpdate: 16 },
  model: { variant: 'nano', finalSurvival: 0.5, dropout: 0.2 },
  recipe: { imageSize: 32, augmentation: 'autoaugment', mixup: 0.2 },
  stream: { batchSize: 2, workers: 0, seed: 5 },
  optimizer: { optimizer, emaDecay: 0.9 },
  schedule: { epochs: 2, base: 0.02 },
});

describeInPrecisions('a training by the graph', (_, device, { precision, ...more }) => {
  const sizes = device.options.device === 'cpu' ? [2, 4] : [2];

  /** All ranks have it. */
  const stateAfter = async (ranks: number, changes: TrainOptions): Promise<TrainerState | undefined> => {
    const all = await trainOnRanks(ranks, async (rank) => ({
      ...{ precision, ...more, workspace: folderOf(), ...changes },
      ...(rank > 0 && { workspace: folderOf() }),
      trainer: new GraphTrainer({ ...device.options, ...(device.options.threads && { threads: 1 }) }),
    }));
    for (const { state } of all) expect(state).toEqual(all[0]?.state);
    return all[0]?.state;
  };

  it('has the same state however many ranks compute its parts', async () => {
    const alone = await stateAfter(1, options('rmsprop'));
    expect(Object.keys(alone ?? {})).toEqual(expect.arrayContaining(['weights', 'optimizer', 'average']));
    for (const size of sizes) expect(await stateAfter(size, options('rmsprop'))).toEqual(alone);
  });

  it.runIf(precision === 'float32')('has ranges that every rank chooses by the same batches', async () => {
    const quantized = { ...options('sgd'), quantized: true, quantization: { batches: 2 }, maxSteps: 2 };
    const alone = await stateAfter(1, quantized);
    expect(Object.keys(alone?.quant ?? {}).length).toBeGreaterThan(0);
    expect(await stateAfter(2, quantized)).toEqual(alone);
  });

  it('goes on within an update, on fewer ranks, to the same state', async () => {
    const alone = await stateAfter(1, options('sgd'));
    const workspace = folderOf();
    const stopped = await stateAfter(2, { ...options('sgd'), workspace, maxSteps: 3 });
    expect(stopped).toHaveProperty('gradients');
    const resumed = { data, evaluation: false, resume: workspace, workspace: folderOf() } as const;
    expect(await stateAfter(1, resumed)).toEqual(alone);
  });
});
