import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TrainerError } from '../../../src/core/errors.ts';
import type { Trainer } from '../../../src/core/trainer.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import { loadCheckpoint } from '../../../src/trainers/checkpoint.ts';
import type { TrainOptions } from '../../../src/training/train-options.ts';
import { train } from '../../../src/training/training.ts';
import { folderOf } from '../../support/folders.ts';
import { patternItems } from '../../support/raw-images.ts';
import { countingTrainer } from '../../support/trainers.ts';

const data = images(patternItems(8).map((item, i) => ({ ...item, label: i % 2 })));

/** Two steps an epoch, and a checkpoint after each. */
async function failed(trainer: Trainer, more: Partial<TrainOptions> = {}) {
  const workspace = folderOf();
  const training = train({
    ...{ data, trainer, workspace, evaluation: { data }, checkpoints: { everySteps: 1 } },
    ...{ recipe: { imageSize: 8 }, stream: { batchSize: 4, workers: 0 }, schedule: { epochs: 3 } },
    ...more,
  });
  const error = await training.result.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TrainerError);
  const path = join(workspace, 'checkpoint.safetensors');
  const saved = existsSync(path) ? await loadCheckpoint(path) : undefined;
  const { code, message } = error as TrainerError;
  return { workspace, code, message, weight: saved?.state.weights['w']?.data[0] };
}

describe('a loss that is not finite', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'of %d stops training, names step and rows, and keeps the checkpoint before it',
    async (loss) => {
      const trainer = countingTrainer(0, (step) => (step === 3 ? loss : 1));
      const { workspace, code, message, weight } = await failed(trainer);
      expect({ code, weight }).toEqual({ code: 'LOSS_NOT_FINITE', weight: 3 });
      expect(message).toContain(`step 3 (epoch 1, batch 1): the loss is ${loss}, in a batch of 4 rows: `);
      const named = message.split('rows: ')[1]?.split('\n')[0]?.split(', ');
      expect(named).toHaveLength(4);
      for (const key of named ?? []) expect(Array.from({ length: 8 }, (_, i) => data.key(i))).toContain(key);
      const metrics = join(workspace, 'metrics.jsonl');
      expect(message).toContain(`millrace replay --from ${metrics} --step 3`);
      // which that command needs
      expect(readFileSync(metrics, 'utf8')).toContain('{"step":3,"epoch":1,"train.loss":null');
    },
  );

  it('of some rows names those, where the trainer tells them', async () => {
    const keys: string[] = [];
    const trainer: Trainer = {
      ...countingTrainer(),
      givesLosses: true,
      trainStep: async (batch, { losses }) => {
        keys.push(...batch.keys);
        return { loss: Number.NaN, ...(losses && { losses: Float32Array.of(1, Number.NaN, 2, Infinity) }) };
      },
    };
    const { message, weight } = await failed(trainer);
    expect(message).toContain(`because of 2 of 4 rows: row 1 ${keys[1]}, row 3 ${keys[3]}\n`);
    expect(message).toContain('--step 0 --row 1\n');
    expect(weight).toBe(undefined);
  });

  it('is none where rows alone are not finite: the mean is what training goes by', async () => {
    const trainer: Trainer = {
      ...countingTrainer(),
      givesLosses: true,
      trainStep: async () => ({ loss: 1, losses: Float32Array.of(Number.NaN, 1, 1, 1) }),
    };
    const options = { data, trainer, workspace: folderOf(), recipe: { imageSize: 8 } };
    const { epochs } = await train({ ...options, stream: { batchSize: 4, workers: 0 } }).result;
    expect(epochs.done).toBe(10);
  });

  it('leaves no checkpoint of its step where it comes with an interruption', async () => {
    const controller = new AbortController();
    const trainer = countingTrainer(0, (step) => {
      if (step === 2) controller.abort();
      return step === 2 ? Number.NaN : 1;
    });
    const { code, weight } = await failed(trainer, { signal: controller.signal });
    expect({ code, weight }).toEqual({ code: 'LOSS_NOT_FINITE', weight: 2 });
  });
});

describe('weights that are not finite', () => {
  it('are not written, although the loss of their step was finite', async () => {
    const trainer = countingTrainer();
    const { state } = trainer;
    let steps = 0;
    trainer.state = async () => (++steps > 3 ? brokenState : state());
    const { workspace, code, message, weight } = await failed(trainer, { evaluation: false });
    // the first is asked for before training
    expect({ code, weight }).toEqual({ code: 'WEIGHTS_NOT_FINITE', weight: 2 });
    expect(message).toContain('step 2: after it the weights are no finite numbers (w)');
    expect(message).toContain(`millrace replay --from ${join(workspace, 'metrics.jsonl')} --step 2`);
  });

  const brokenState = { weights: { w: { shape: [1], data: Float32Array.of(Number.NaN) } }, optimizer: {} };
});

describe('an evaluation whose loss is not finite', () => {
  it.each([Number.NaN, 0.5])('is never the best, with a top-1 of %d', async (top1) => {
    const workspace = folderOf();
    const trainer: Trainer = {
      ...countingTrainer(),
      evaluateStep: async ({ labels: { length } }) => ({
        ...{ lossSum: Number.NaN, top1: top1 * length, top5: length, rows: length },
      }),
    };
    const { best, checkpoint } = await train({
      ...{ data, trainer, workspace, evaluation: { data }, recipe: { imageSize: 8 } },
      ...{ stream: { batchSize: 4, workers: 0 }, schedule: { epochs: 2 } },
    }).result;
    expect(best).toBe(undefined);
    expect(existsSync(checkpoint as string)).toBe(true);
    expect(existsSync(join(workspace, 'model_best.safetensors'))).toBe(false);
  });
});
