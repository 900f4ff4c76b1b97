import { describe, expect, it } from 'vitest';
import type { Trainer } from '../../../src/core/trainer.ts';
import { images, type Pipeline, pipeline, randomResizedCrop } from '../../../src/index.ts';
import { createTrainer } from '../../../src/trainers/none.ts';
import { evaluateStream } from '../../../src/training/evaluate-stream.ts';
import { makeSteps, type StepHooks } from '../../../src/training/make-steps.ts';
import { MemoryWatch } from '../../../src/training/memory-watch.ts';
import type { EpochReport, TrainStepReport } from '../../../src/training/step-report.ts';

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const schedule = { schedule: 'constant', base: 0.5, end: 0, warmup: 0, epochs: 2 } as const;

function stream(epochs: number): Pipeline {
  const image = { data: new Uint8Array(4 * 4 * 3), width: 4, height: 4 };
  const labels = [0, 1, 2, 1, 0];
  const items = labels.map((label) => ({ image, label }));
  return pipeline(images(items), { batchSize: 2, epochs, workers: 0, shuffle: false }).pipe(
    randomResizedCrop(4),
  );
}

describe('train', () => {
  it('reports steps and epochs; what is done between epochs is no time of theirs', async () => {
    const steps: TrainStepReport[] = [];
    const epochs: EpochReport[] = [];
    const trainer = {
      ...createTrainer(),
      trainStep: (_: unknown, { step }: { step: number }) => pause(20).then(() => ({ loss: step })),
    };
    const summary = await makeSteps(stream(2), trainer, {
      schedule,
      onStep: (report) => steps.push(report),
      onEpoch: (report) => epochs.push(report),
      afterStep: async ({ isEpochOver }) => {
        if (isEpochOver) await pause(1000);
        return false;
      },
      ...{ batchesPerUpdate: 1, firstStep: 0, memory: new MemoryWatch() },
    });
    expect(steps.map(({ step, epoch, loss }) => [step, epoch, loss])).toEqual([
      [0, 0, 0],
      [1, 0, 1],
      [2, 0, 2],
      [3, 1, 3],
      [4, 1, 4],
      [5, 1, 5],
    ]);
    // of images, not of steps: the last batch of an epoch has one alone
    expect(epochs.map(({ epoch, loss }) => [epoch, loss])).toEqual([
      [0, (0 * 2 + 1 * 2 + 2) / 5],
      [1, (3 * 2 + 4 * 2 + 5) / 5],
    ]);
    for (const { dataSeconds, computeSeconds, imagesPerSecond, images: count } of steps) {
      expect(computeSeconds).toBeGreaterThan(0.015);
      expect(dataSeconds + computeSeconds).toBeLessThan(0.95);
      expect(imagesPerSecond).toBeCloseTo(count / (dataSeconds + computeSeconds), 6);
    }
    expect(summary).toMatchObject({ steps: 6, images: 10 });
    expect(summary.seconds).toBeLessThan(1.9);
  });
});

describe('the losses of rows', () => {
  const runOf = (trainStep: Trainer['trainStep'], onLosses?: StepHooks['onLosses']) =>
    makeSteps(
      stream(1),
      { ...createTrainer(), trainStep },
      {
        ...{ schedule, onStep: () => {}, afterStep: async () => false },
        ...{ batchesPerUpdate: 1, firstStep: 7, memory: new MemoryWatch() },
        ...(onLosses && { onLosses }),
      },
    );

  it('are asked for where someone wants them, and handed on with their batch', async () => {
    const asked: unknown[] = [];
    const seen: unknown[] = [];
    const trainStep: Trainer['trainStep'] = async ({ labels }, { losses }) => {
      asked.push(losses);
      return { loss: 0, losses: Float32Array.from(labels) };
    };
    await runOf(trainStep);
    await runOf(trainStep, ({ index, labels }, step, losses) => {
      expect(losses).toEqual(Float32Array.from(labels));
      seen.push([index, step]);
    });
    expect(asked).toEqual([undefined, undefined, undefined, true, true, true]);
    expect(seen).toEqual([
      [0, 7],
      [1, 8],
      [2, 9],
    ]);
  });

  it.each([undefined, 1])('must be as many as the rows', async (length) => {
    const losses = length === undefined ? {} : { losses: new Float32Array(length) };
    const running = runOf(
      async () => ({ loss: 0, ...losses }),
      () => {},
    );
    await expect(running).rejects.toThrow(`none: trainStep must give 2 losses, got ${length ?? 'none'}`);
  });
});

describe('evaluate', () => {
  it('sums up the batches, and what was taken for what where the trainer tells', async () => {
    const trainer = {
      ...createTrainer(),
      evaluateStep: async ({ labels }: { labels: Int32Array }) => ({
        lossSum: labels.length,
        top1: labels.filter((label) => label === 1).length,
        top5: labels.length,
        rows: labels.length,
        predictions: labels.map(() => 1),
      }),
    };
    const evaluation = await evaluateStream(stream(1), trainer);
    expect(evaluation).toMatchObject({ top1: 0.4, top5: 1, loss: 1, images: 5 });
    expect(evaluation.confusion).toEqual([
      { label: 0, prediction: 1, images: 2 },
      { label: 1, prediction: 1, images: 2 },
      { label: 2, prediction: 1, images: 1 },
    ]);
    expect(evaluation.speed.latencies).toHaveLength(3);
    expect((await evaluateStream(stream(1), createTrainer())).confusion).toBeUndefined();
  });
});
