import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../../src/core/errors.ts';
import type { Trainer } from '../../../src/core/trainer.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import type { TrainOptions } from '../../../src/training/train-options.ts';
import { type Training, train } from '../../../src/training/training.ts';
import type { TrainingEvent } from '../../../src/training/training-event.ts';
import { folderOf } from '../../support/folders.ts';
import { patternItems } from '../../support/raw-images.ts';

const data = images(patternItems(8).map((item, i) => ({ ...item, label: i % 2 })));

interface CountingTrainer extends Trainer {
  prepared: number;
  closed: number;
}

/** Its one weight depends on every batch, and on their order. */
function orderTrainer(beforeStep: (step: number) => void = () => {}): CountingTrainer {
  let weight = 1;
  const trainer: CountingTrainer = {
    ...{ name: 'order', prepared: 0, closed: 0 },
    prepare: async () => void trainer.prepared++,
    async trainStep(batch, { step, learningRate }) {
      beforeStep(step);
      const pixels = Array.from(await batch.read()).reduce((sum, value) => (sum * 3 + value) % 65521, 0);
      // as a checkpoint keeps it
      weight = Math.fround(0.9 * weight + learningRate * pixels);
      return { loss: weight };
    },
    evaluateStep: async ({ labels }) => ({ lossSum: 1, top1: 1, top5: 2, rows: labels.length }),
    state: async () => ({
      weights: { order: { shape: [1], data: Float32Array.of(weight) } },
      optimizer: {},
    }),
    async load({ weights }) {
      weight = weights['order']?.data[0] as number;
    },
    close: async () => void trainer.closed++,
  };
  return trainer;
}

/** Two epochs of two steps. */
const tiny = (more: Partial<TrainOptions> = {}): TrainOptions => ({
  ...{ data, trainer: orderTrainer(), workspace: folderOf(), report: false },
  evaluation: { data },
  recipe: { imageSize: 8 },
  stream: { batchSize: 4, workers: 0 },
  schedule: { epochs: 2, base: 0.01 },
  ...more,
});

/** What a subscriber hears from now on. */
function heardOf(training: Training) {
  const heard: string[] = [];
  training.subscribe({
    next: ({ type }) => heard.push(type),
    error: (error: Error) => heard.push(error.message),
    complete: () => heard.push('complete'),
  });
  return heard;
}

const epoch = ['step', 'step', 'epoch', 'evaluation', 'checkpoint'];
const all = ['start', ...epoch, ...epoch, 'end', 'complete'];

/** The promises of others have been heard as well. */
const settle = () => new Promise(setImmediate);

describe('a Training', () => {
  it('tells what happens, in order', async () => {
    const training = train(tiny());
    const events: TrainingEvent[] = [];
    await training.forEach((event) => void events.push(event));
    expect([...events.map(({ type }) => type), 'complete']).toEqual(all);
    const steps = events.flatMap((event) => (event.type === 'step' ? [[event.step, event.epoch]] : []));
    expect(steps).toEqual([
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 1],
    ]);
    expect(events[0]).toMatchObject({ dataset: { name: data.name }, steps: 4, firstStep: 0, batchSize: 4 });
  });

  it('resolves its result to what the end event says', async () => {
    const workspace = folderOf();
    const training = train(tiny({ workspace }));
    const events: TrainingEvent[] = [];
    training.subscribe((event) => events.push(event));
    const result = await training.result;
    expect(result).toMatchObject({
      workspace,
      checkpoint: join(workspace, 'checkpoint.safetensors'),
      epochs: { done: 2, planned: 2 },
      ...{ top1: 0.25, hasStoppedEarly: false, summary: { steps: 4, images: 16 } },
    });
    expect(existsSync(result.checkpoint as string)).toBe(true);
    expect(events.at(-1)).toEqual({ type: 'end', ...result });
  });

  it('is no promise itself: an async function can return it as it is', async () => {
    const trainer = orderTrainer();
    const training = train(tiny({ trainer }));
    expect('then' in training).toBe(false);
    expect(await (async () => training)()).toBe(training);
    expect(trainer.prepared).toBe(0);
  });

  it('does nothing before somebody listens or asks for the result', async () => {
    const trainer = orderTrainer();
    const workspace = folderOf();
    const training = train(tiny({ trainer, workspace }));
    await settle();
    expect([trainer.prepared, readdirSync(workspace)]).toEqual([0, []]);
    await training.result;
    expect(trainer.prepared).toBe(1);
  });

  it('runs once, whoever listens and however often the result is asked for', async () => {
    const trainer = orderTrainer();
    const training = train(tiny({ trainer }));
    const [first, second] = [heardOf(training), heardOf(training)];
    const results = await Promise.all([training.result, training.result]);
    await settle();
    expect(results[0]).toBe(results[1]);
    expect([first, second]).toEqual([all, all]);
    expect([trainer.prepared, trainer.closed]).toEqual([1, 1]);
  });

  it('tells who comes late of what follows', async () => {
    let late: string[] = [];
    const training = train(
      tiny({
        trainer: orderTrainer((step) => {
          if (step === 2) late = heardOf(training);
        }),
      }),
    );
    await training.result;
    await settle();
    expect(late).toEqual([...epoch, 'end', 'complete']);
    const after = heardOf(training);
    await settle();
    expect(after).toEqual(['complete']);
  });

  it('goes on when a listener leaves', async () => {
    const training = train(tiny());
    const heard: string[] = [];
    const subscription = training.subscribe(({ type }) => {
      heard.push(type);
      if (type === 'step') subscription.unsubscribe();
    });
    expect((await training.result).epochs.done).toBe(2);
    expect(heard).toEqual(['start', 'step']);
  });

  it('tells listeners and the result what ended it early, and closes the trainer', async () => {
    const broken = orderTrainer((step) => {
      if (step === 1) throw new DataError('BROKEN', 'no second step');
    });
    const training = train(tiny({ trainer: broken }));
    const heard = heardOf(training);
    await expect(training.result).rejects.toThrow(new DataError('BROKEN', 'no second step'));
    await settle();
    expect(heard).toEqual(['start', 'step', 'checkpoint', 'no second step']);
    expect(broken.closed).toBe(1);
    const after = heardOf(training);
    await settle();
    expect(after).toEqual(['no second step']);
  });

  it('ends with a checkpoint when its signal says so, and gives the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const trainer = orderTrainer((step) => step === 2 && controller.abort(reason));
    const training = train(tiny({ trainer, signal: controller.signal }));
    const heard = heardOf(training);
    await expect(training.result).rejects.toBe(reason);
    await settle();
    expect(heard).toEqual(['start', ...epoch, 'step', 'checkpoint', 'enough']);
    expect(trainer.closed).toBe(1);
  });

  it('leaves nothing behind when the signal was aborted before it began', async () => {
    const workspace = folderOf();
    const reason = new Error('too late');
    const trainer = orderTrainer();
    const training = train(tiny({ trainer, workspace, signal: AbortSignal.abort(reason) }));
    await expect(training.result).rejects.toBe(reason);
    expect(readdirSync(workspace)).toEqual([]);
    expect([trainer.prepared, trainer.closed]).toEqual([0, 1]);
  });

  it.each([0, 1, 2, 3])('resumed after an interruption in step %i, ends in the same bytes', async (last) => {
    const whole = await train(tiny()).result;
    const controller = new AbortController();
    const workspace = folderOf();
    const trainer = orderTrainer((step) => step === last && controller.abort());
    await expect(train(tiny({ trainer, workspace, signal: controller.signal })).result).rejects.toThrow();
    const resumed = await train(tiny({ workspace: undefined, resume: workspace })).result;
    expect(resumed).toMatchObject({ workspace, epochs: { done: 2, planned: 2 } });
    const [expected, actual] = [whole, resumed].map(({ checkpoint }) => readFileSync(checkpoint as string));
    expect(actual).toEqual(expected);
  });
});
