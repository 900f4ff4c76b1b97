import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import {
  classBalanced,
  type Dataset,
  imageFolder,
  kFold,
  replay,
  type Trainer,
  type TrainOptions,
  train,
} from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';
import { keysOf } from '../../support/labelled.ts';
import { photoFolder } from '../../support/photos.ts';

/** Learns nothing, and remembers the keys that it was given. */
function keyTrainer() {
  const seen = { trained: [] as string[], evaluated: [] as string[] };
  const keys = ({ keys }: Batch) => keys;
  const trainer: Trainer = {
    name: 'keys',
    prepare: async () => {},
    trainStep: async (batch) => {
      seen.trained.push(...keys(batch));
      return { loss: 1 };
    },
    evaluateStep: async (batch) => {
      seen.evaluated.push(...keys(batch));
      return { lossSum: 1, top1: 1, top5: 1, rows: batch.labels.length };
    },
    state: async () => ({ weights: { one: { shape: [1], data: Float32Array.of(1) } }, optimizer: {} }),
    load: async () => {},
    close: async () => {},
  };
  return { trainer, seen };
}

/** Six images of each of two classes. */
const even = async (): Promise<{ path: string; dataset: Dataset }> => {
  const path = await photoFolder(6);
  return { path, dataset: imageFolder(path) };
};
const tiny = (trainer: Trainer, more: Partial<TrainOptions>) =>
  ({
    ...{ trainer, report: false, recipe: { imageSize: 8 } },
    schedule: { epochs: 2, base: 0.01 },
    ...more,
    stream: { batchSize: 2, workers: 0, ...more.stream },
  }) as TrainOptions;

describe('a training', () => {
  it('on a fold evaluates on it, and goes on and is replayed with sampler and fold as they were', async () => {
    const { path, dataset } = await even();
    const workspace = folderOf();
    const whole = keyTrainer();
    const stream = { sampler: 'balanced', samplesPerEpoch: 6 };
    const options = { data: path, fold: '1/2', stream };
    await train(tiny(whole.trainer, { ...options, workspace: folderOf() })).result;
    const fold = kFold(dataset, 2, 1);
    expect(new Set(whole.seen.evaluated)).toEqual(new Set(keysOf(fold.val)));
    expect(whole.seen.trained.length).toBe(12);
    expect(whole.seen.trained.every((key) => keysOf(fold.train).includes(key))).toBe(true);

    const [first, second] = [keyTrainer(), keyTrainer()];
    await train(tiny(first.trainer, { ...options, workspace, maxSteps: 2 })).result;
    await train({ resume: workspace, trainer: second.trainer, report: false }).result;
    expect([...first.seen.trained, ...second.seen.trained]).toEqual(whole.seen.trained);

    const rows = await replay({ from: workspace, step: 4 });
    expect(rows).toMatchObject({ epoch: 1, batch: 1 });
    expect(rows.rows.map(({ key }) => key)).toEqual(whole.seen.trained.slice(8, 10));

    const resumed = (changed: Partial<TrainOptions>) =>
      train({ resume: workspace, trainer: keyTrainer().trainer, report: false, ...changed } as TrainOptions)
        .result;
    await expect(resumed({ fold: '2/2' })).rejects.toThrow('fold: was 1/2, is 2/2');
    await expect(resumed({ stream: { sampler: 'pxk:1x2' } })).rejects.toThrow(
      'sampler: was balanced, is pxk:1x2',
    );
  });

  it('on a list of some classes is told apart by what the list says', async () => {
    const { path, dataset } = await even();
    const [workspace, lists] = [folderOf(), folderOf()];
    const [chosen, list] = [keysOf(dataset).slice(0, 5), join(lists, 'list.txt')];
    writeFileSync(list, chosen.join('\n'));
    const { trainer, seen } = keyTrainer();
    const options = { data: path, subset: list, evaluation: false, workspace } as const;
    await train(tiny(trainer, { ...options, maxSteps: 1 })).result;
    expect(seen.trained.every((key) => chosen.includes(key))).toBe(true);
    const again = keyTrainer();
    await train({ resume: workspace, trainer: again.trainer, report: false }).result;
    expect(seen.trained.length + again.seen.trained.length).toBe(8);
    writeFileSync(list, keysOf(dataset).slice(1, 6).join('\n'));
    const changed = train({ resume: workspace, trainer: again.trainer, report: false, force: false });
    await expect(changed.result).rejects.toThrow(/dataset: was subset\(.*, 5\) of 5 images/);
  });

  it('by a sampler given in code asks for it again', async () => {
    const { path } = await even();
    const workspace = folderOf();
    const sampler = classBalanced();
    const options = { data: path, evaluation: false, workspace, maxSteps: 1 } as const;
    await train(tiny(keyTrainer().trainer, { ...options, stream: { sampler } })).result;
    const again = { resume: workspace, trainer: keyTrainer().trainer, report: false };
    await expect(train(again).result).rejects.toMatchObject({
      code: 'SAMPLER_IN_CODE',
      message: expect.stringContaining('train({ resume, stream: { sampler } })'),
    });
    await train({ ...again, stream: { sampler } }).result;
  });

  it('has one thing that says what val is', () => {
    const options = tiny(keyTrainer().trainer, { data: 'photos', fold: '1/2', valShare: 0.1 });
    expect(() => train(options)).toThrow('valShare (--val-split) and fold (--fold) both say what val is');
  });
});
