import { describe, expect, it } from 'vitest';
import { DataError, OutputError, PluginError, TrainerError } from '../../../src/core/errors.ts';
import type { Trainer, TrainStepOptions } from '../../../src/core/trainer.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import { pipeline } from '../../../src/pipeline.ts';
import type { CheckpointOccasion } from '../../../src/training/checkpoint-files.ts';
import { beginning, type RunState, streamStart } from '../../../src/training/run-state.ts';
import { TrainingRun, type TrainingRunOptions } from '../../../src/training/training-run.ts';

const image = { data: new Uint8Array(3), width: 1, height: 1 };
/** 3 batches an epoch. */
const dataset = images(Array.from({ length: 6 }, () => ({ image })));

interface Settings extends Partial<Omit<TrainingRunOptions, 'trainer' | 'stream'>> {
  readonly epochs?: number;
  /** Top-1 after each epoch. */
  readonly top1?: readonly number[];
}

/** A run that writes down what it does. */
function runOf({ epochs = 3, top1, start = beginning, ...options }: Settings) {
  const steps: TrainStepOptions[] = [];
  const evaluated: number[] = [];
  const saves: [RunState, CheckpointOccasion][] = [];
  const trainer: Trainer = {
    name: 'recorder',
    prepare: async () => {},
    trainStep: async (_, step) => ({ loss: steps.push(step) }),
    evaluateStep: async ({ labels }) => ({ lossSum: 0, top1: 0, top5: 0, rows: labels.length }),
    state: async () => ({ weights: {}, optimizer: {} }),
    load: async () => {},
    close: async () => {},
  };
  const { signal = new AbortController().signal } = options;
  const stream = pipeline(dataset, {
    backend: 'synthetic',
    batchSize: 2,
    epochs,
    start: streamStart(start.cursor),
    signal,
  });
  const run = new TrainingRun({
    ...{ trainer, stream, start, signal, endEpoch: epochs },
    schedule: { schedule: 'linear', base: 1, end: 0, warmup: 0, epochs },
    ...{ batchesPerUpdate: 1, evaluateEvery: 1, patience: -1, checkpointSteps: -1, onStep: () => {} },
    save: async (state, occasion) => void saves.push([state, occasion]),
    ...(top1 && {
      evaluate: async (epoch) => {
        evaluated.push(epoch);
        return { top1: top1[epoch] as number, loss: 1 };
      },
    }),
    ...options,
  });
  return { run, steps, evaluated, saves };
}

const cursor = (step: number, epoch: number, batch: number, isEpochOver = false) => ({
  ...{ step, epoch, batch, isEpochOver },
});

describe('a training run', () => {
  it('has its state agreed on when an epoch or the run ends, before it evaluates and saves', async () => {
    const heard: unknown[] = [];
    const { run } = runOf({
      ...{ maxSteps: 4, epochs: 2 },
      agree: async ({ step }) => void heard.push(['agree', step]),
      evaluate: async (epoch) => ({ top1: heard.push(['evaluate', epoch]), loss: 1 }),
      save: async ({ cursor: { step } }) => void heard.push(['save', step]),
    });
    await run.run();
    expect(heard.slice(0, 3)).toEqual([
      ['agree', 3],
      ['evaluate', 0],
      ['save', 3],
    ]);
    expect(heard.slice(3)).toEqual([
      ['agree', 4],
      ['save', 4],
      ['evaluate', 1],
    ]);
  });

  it('saves nothing of a state that is not agreed on', async () => {
    const diverged = new TrainerError('RANKS_DIVERGED', 'the ranks have different weights');
    const { run, evaluated, saves } = runOf({ top1: [0.5], agree: () => Promise.reject(diverged) });
    await expect(run.run()).rejects.toBe(diverged);
    expect({ evaluated, saves }).toEqual({ evaluated: [], saves: [] });
  });

  it('evaluates after each epoch, and saves: the epoch, and what is best so far', async () => {
    const { run, evaluated, saves } = runOf({ top1: [0.5, 0.5, 0.6] });
    expect(await run.run()).toMatchObject({ steps: 9, images: 18 });
    expect(evaluated).toEqual([0, 1, 2]);
    expect(run.latest?.top1).toBe(0.6);
    const first = { epoch: 0, top1: 0.5 };
    expect(saves).toEqual([
      [
        { cursor: cursor(3, 1, 0), best: first },
        { epoch: 0, isBest: true },
      ],
      [
        { cursor: cursor(6, 2, 0), best: first },
        { epoch: 1, isBest: false },
      ],
      [
        { cursor: cursor(9, 3, 0), best: { epoch: 2, top1: 0.6 } },
        { epoch: 2, isBest: true },
      ],
    ]);
  });

  it('evaluates every second epoch and the last', async () => {
    const { run, evaluated } = runOf({ epochs: 5, top1: [0, 0, 0, 0, 0], evaluateEvery: 2 });
    await run.run();
    expect(evaluated).toEqual([1, 3, 4]);
  });

  it('has nothing that is best where nothing is evaluated', async () => {
    const { run, saves } = runOf({});
    await run.run();
    expect(saves.map(([{ best }, { isBest }]) => [best, isBest])).toEqual(Array(3).fill([undefined, false]));
    expect(run.latest?.top1).toBe(undefined);
  });

  it('updates the weights every other batch, across the ends of epochs, with one rate an epoch', async () => {
    const { run, steps } = runOf({ epochs: 2, batchesPerUpdate: 2 });
    await run.run();
    expect(steps.map(({ step, apply }) => [step, apply])).toEqual([
      ...[
        [0, false],
        [1, true],
        [2, false],
      ],
      ...[
        [3, true],
        [4, false],
        [5, true],
      ],
    ]);
    expect(new Set(steps.map(({ lossScale }) => lossScale))).toEqual(new Set([0.5]));
    expect(steps.map(({ learningRate }) => learningRate)).toEqual([1, 1, 1, 0.5, 0.5, 0.5]);
  });

  it('stops early after so many epochs without a better one', async () => {
    const { run, evaluated } = runOf({ epochs: 9, top1: [0.1, 0.3, 0.2, 0.3, 0.2, 0.9], patience: 2 });
    await run.run();
    expect(evaluated).toEqual([0, 1, 2, 3]);
    expect(run.hasStoppedEarly).toBe(true);
    expect(run.state).toEqual({ cursor: cursor(12, 4, 0), best: { epoch: 1, top1: 0.3 } });
  });

  it('saves within epochs too', async () => {
    const { run, saves } = runOf({ epochs: 2, checkpointSteps: 2 });
    await run.run();
    expect(saves.map(([state, { epoch }]) => [state.cursor.step, epoch])).toEqual([
      ...[
        [2, undefined],
        [3, 0],
        [4, undefined],
        [6, 1],
      ],
    ]);
  });

  it('saves what was trained where an image of the evaluation is bad, and evaluates first when it goes on', async () => {
    const evaluate = () => Promise.reject(new DataError('TRUNCATED', 'the file ends'));
    const { run, saves } = runOf({ epochs: 2, evaluate });
    await expect(run.run()).rejects.toThrow('the file ends');
    expect(saves).toEqual([[{ cursor: cursor(3, 0, 3, true) }, { isBest: false }]]);
    const second = runOf({ epochs: 2, top1: [0.5, 0.6], start: { cursor: cursor(3, 0, 3, true) } });
    expect(await second.run.run()).toMatchObject({ steps: 3 });
    expect(second.evaluated).toEqual([0, 1]);
  });

  it('saves nothing where the first batch is bad, or where it is the trainer that fails', async () => {
    const start = { cursor: cursor(3, 0, 3, true) };
    const bad = () => Promise.reject(new DataError('TRUNCATED', 'the file ends'));
    const failing = () => Promise.reject(new TrainerError('LOST', 'the device is lost'));
    for (const { run, saves } of [runOf({ start, evaluate: bad }), runOf({ evaluate: failing })]) {
      await expect(run.run()).rejects.toThrow('the ');
      expect(saves).toEqual([]);
    }
  });

  it.each([
    new OutputError('WRITE_FAILED', 'metrics.jsonl: the disk is full'),
    new PluginError('OPERATOR_FAILED', 'tint: TypeError: no x'),
  ])('saves what was trained, the step that was just made too, in spite of: %s', async (error) => {
    const onStep: TrainingRunOptions['onStep'] = ({ step }) => {
      if (step === 1) throw error;
    };
    const { run, saves } = runOf({ onStep });
    await expect(run.run()).rejects.toBe(error);
    expect(saves).toEqual([[{ cursor: cursor(2, 0, 2) }, { isBest: false }]]);
  });

  it('saves nothing after a fault in the code of the trainer', async () => {
    const error = new PluginError('TRAINER_FAILED', 'mine: TypeError: no x');
    const { run, saves } = runOf({ evaluate: () => Promise.reject(error) });
    await expect(run.run()).rejects.toBe(error);
    expect(saves).toEqual([]);
  });

  it('says which image was bad where what was trained cannot be saved either', async () => {
    const full = new OutputError('CHECKPOINT_UNWRITABLE', 'the disk is full');
    const bad = new DataError('TRUNCATED', 'cat/1.jpg: the file ends', { sample: 'cat/1.jpg' });
    const save = () => Promise.reject(full);
    await expect(runOf({ save, evaluate: () => Promise.reject(bad) }).run.run()).rejects.toMatchObject({
      ...{ name: 'DataError', code: 'TRUNCATED', sample: 'cat/1.jpg', cause: bad },
      message: 'cat/1.jpg: the file ends; and what was trained could not be saved: the disk is full',
    });
    await expect(runOf({ save }).run.run()).rejects.toBe(full);
  });

  it('goes on within an epoch, with its step and what was best', async () => {
    const start = { cursor: cursor(4, 1, 1), best: { epoch: 0, top1: 0.7 } };
    const { run, steps, saves } = runOf({ start, batchesPerUpdate: 2, top1: [0, 0.6, 0.8] });
    expect(await run.run()).toMatchObject({ steps: 5 });
    expect(steps.map(({ step, apply }) => [step, apply])).toEqual([
      ...[
        [4, false],
        [5, true],
        [6, false],
        [7, true],
        [8, false],
      ],
    ]);
    expect(saves.map(([{ best }]) => best?.top1)).toEqual([0.7, 0.8]);
  });

  it('saves after the step that an abort came in, and throws the reason', async () => {
    const controller = new AbortController();
    const { run, saves } = runOf({
      signal: controller.signal,
      onStep: ({ step }) => step === 4 && controller.abort(new Error('stopped')),
    });
    await expect(run.run()).rejects.toThrow('stopped');
    expect(saves.at(-1)).toEqual([{ cursor: cursor(5, 1, 2) }, { isBest: false }]);
  });

  it('evaluates first where an abort came in the evaluation, and trains no batch again', async () => {
    const controller = new AbortController();
    const evaluate = async () => {
      controller.abort(new Error('stopped'));
      throw controller.signal.reason;
    };
    const { run, saves } = runOf({ epochs: 2, signal: controller.signal, evaluate });
    await expect(run.run()).rejects.toThrow('stopped');
    const [start] = saves.at(-1) as [RunState, CheckpointOccasion];
    expect(start).toEqual({ cursor: cursor(3, 0, 3, true) });

    const resumed = runOf({ epochs: 2, start, top1: [0.4, 0.5] });
    await resumed.run.run();
    expect(resumed.evaluated).toEqual([0, 1]);
    expect(resumed.steps.map(({ step }) => step)).toEqual([3, 4, 5]);
  });

  it('saves and evaluates where it is told to stop within an epoch', async () => {
    const { run, evaluated, saves } = runOf({ maxSteps: 4, top1: [0.1, 0.2] });
    expect(await run.run()).toMatchObject({ steps: 4 });
    expect(evaluated).toEqual([0, 1]);
    expect(saves.at(-1)?.[0].cursor).toEqual(cursor(4, 1, 1));
  });

  it('does nothing where nothing is left', async () => {
    const { run, evaluated, saves } = runOf({ start: { cursor: cursor(9, 3, 0) }, top1: [] });
    expect(await run.run()).toBe(undefined);
    expect([evaluated, saves]).toEqual([[], []]);
  });
});
