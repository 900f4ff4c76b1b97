import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { randomFor } from '../../../src/core/random.ts';
import { type ImageItem, images } from '../../../src/datasets/memory/images.ts';
import { readOnnx } from '../../../src/export/read-onnx.ts';
import { encodePng } from '../../../src/raster/png.ts';
import { createTrainer } from '../../../src/trainers/graph/graph-trainer.ts';
import { classify } from '../../../src/training/classify.ts';
import { evaluate } from '../../../src/training/evaluate.ts';
import { explainRun } from '../../../src/training/explain-run.ts';
import { exportOnnx } from '../../../src/training/export-onnx.ts';
import { stateDigest } from '../../../src/training/state-digest.ts';
import type { TrainOptions } from '../../../src/training/train-options.ts';
import { train } from '../../../src/training/training.ts';
import type { TrainingEvent } from '../../../src/training/training-event.ts';
import { folderOf } from '../../support/folders.ts';
import { metricsOf } from '../../support/interrupted-training.ts';
import { type RankResult, trainOnRanks } from '../../support/trained-on-ranks.ts';

const SIZE = 16;
const classes = ['red', 'green', 'blue'];

/** Each class brightens a channel; an image has none, some or all of them. */
function itemOf(index: number): ImageItem & { readonly labels: number[] } {
  const rng = randomFor(7, 0, index, 0);
  const labels = [0, 1, 2].filter(() => rng.chance(0.4));
  const data = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) =>
    Math.round((labels.includes(i % 3) ? 120 : 60) + 80 * rng.uniform()),
  );
  return { image: { data, width: SIZE, height: SIZE }, labels, key: `${index}` };
}

const itemsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => itemOf(first + i));
const data = images(itemsFrom(0, 64), { classes });
const val = images(itemsFrom(1000, 40), { classes });

const options = (more: Partial<TrainOptions> = {}): TrainOptions => ({
  ...{ data, workspace: folderOf(), device: 'cpu', threads: 1 },
  evaluation: { data: val, every: 4 },
  model: { variant: 'nano', width: 0.125, depth: 0.25, dropout: 0 },
  recipe: { imageSize: SIZE, augmentation: 'none', mixup: 0.2, cutmix: 0 },
  stream: { batchSize: 16, workers: 0 },
  optimizer: { labelSmoothing: 0 },
  schedule: { epochs: 12, base: 0.2, warmup: 0 },
  ...more,
});

describe('a training on images of several classes', () => {
  it('learns to tell each, says so by mAP, and keeps what others need to know', async () => {
    const { workspace } = options();
    const events: TrainingEvent[] = [];
    const training = train(options({ workspace: workspace as string }));
    await training.forEach((event) => void events.push(event));
    const { mAP = 0, best, checkpoint = '' } = await training.result;
    expect(mAP).toBeGreaterThan(0.9);
    expect(best?.mAP).toBeGreaterThanOrEqual(mAP);
    const evaluations = events.filter((event) => event.type === 'evaluation');
    expect(evaluations.at(-1)).toMatchObject({ mAP, confusion: undefined });
    const metrics = metricsOf(workspace as string);
    expect(metrics.filter((record) => 'val.mAP' in record)).toHaveLength(3);
    expect(metrics.some((record) => 'val.top1' in record)).toBe(false);
    expect(metrics[0]).toMatchObject({ 'run.flags': { loss: 'bce' } });

    const untrained = await evaluate({ checkpoint, data: val, device: 'cpu' });
    expect(untrained.mAP).toBeCloseTo(mAP, 12);
    expect(untrained.classes?.map(({ name }) => name)).toEqual(classes);
    const averages = untrained.classes?.map(({ averagePrecision }) => averagePrecision as number) ?? [];
    expect((averages.reduce((a, b) => a + b, 0) / 3).toFixed(9)).toBe(mAP.toFixed(9));

    const report = readFileSync(join(workspace as string, 'report.html'), 'utf8');
    for (const text of ['average precision', 'val mAP', 'An image may have several classes'])
      expect(report).toContain(text);
    expect(report).not.toContain('Confusion on val');

    const [{ image, labels }] = [itemsFrom(1000, 50).find((one) => one.labels.length === 2)] as [
      ReturnType<typeof itemOf>,
    ];
    const photo = join(folderOf(), 'two.png');
    writeFileSync(photo, await encodePng(image as never));
    const onnx = join(folderOf(), 'model.onnx');
    await exportOnnx({ checkpoint, out: onnx });
    expect(readOnnx(onnx, readFileSync(onnx)).isMultiLabel).toBe(true);
    const said: string[] = [];
    for await (const { guesses } of classify({
      ...{ images: [photo], weights: checkpoint, device: 'cpu' },
      onMessage: (line) => said.push(line),
    }))
      expect(
        guesses
          .filter(({ probability }) => probability > 0.5)
          .map((one) => one.class)
          .sort(),
      ).toEqual(labels);
    expect(said.join()).toContain('3 classes, of which an image may have several');
  });
});

/** One epoch of steps of four parts, whose rows are mixed in pairs. */
const onRanks = (count: number) =>
  trainOnRanks(count, async () => ({
    ...options({ report: false, parts: 4, schedule: { epochs: 1, base: 0.05 } }),
    ...{ device: undefined, threads: undefined },
    ...{ workspace: folderOf(), data: images(itemsFrom(0, 16), { classes }) },
    evaluation: { data: images(itemsFrom(1000, 13), { classes }) },
    stream: { batchSize: 4, workers: 0 },
    trainer: createTrainer({ device: 'cpu', threads: 1 }),
  }));

describe('the plan of a training on images of several classes', () => {
  it('is refused a loss that such data cannot have, as the training is', async () => {
    const given = options({ optimizer: { loss: 'cross-entropy', labelSmoothing: 0 } });
    await expect(explainRun(given, () => {})).rejects.toThrow(/cross-entropy takes one class per image/);
    expect(await explainRun(options(), () => {})).toContain('loss');
  });
});

describe('a training on images of several classes, on many ranks', () => {
  it('has the same weights and the same mAP on 1, 2 and 4', async () => {
    const [[alone], ...others] = await Promise.all([onRanks(1), onRanks(2), onRanks(4)]);
    const evaluationOf = ({ events }: { events: readonly TrainingEvent[] }) => {
      const found = events.find((event) => event.type === 'evaluation');
      return found && { mAP: found.mAP, perClass: found.perClass, loss: found.loss };
    };
    const expected = evaluationOf(alone as RankResult);
    expect(expected?.mAP).toBeGreaterThan(0);
    for (const all of others) {
      expect(evaluationOf(all[0] as RankResult)).toEqual(expected);
      for (const { state } of all) expect(stateDigest(state)).toBe(stateDigest((alone as RankResult).state));
    }
  });
});

describe('a loss that is chosen', () => {
  const single = images(
    itemsFrom(0, 16).map(({ labels, ...item }) => ({ ...item, label: labels[0] ?? 2 })),
    { classes },
  );
  const tiny = (more: Partial<TrainOptions>): TrainOptions =>
    options({
      ...{ report: false, evaluation: false, schedule: { epochs: 1, base: 0.01 } },
      ...more,
    });

  it('is bce on images of one class too, and another training than by cross-entropy', async () => {
    const [binary, plain] = await Promise.all(
      (['bce', undefined] as const).map(async (loss) => {
        const { workspace } = options();
        const { summary } = await train(
          tiny({ data: single, workspace: workspace as string, ...(loss && { optimizer: { loss } }) }),
        ).result;
        expect(summary?.steps).toBe(1);
        return metricsOf(workspace as string);
      }),
    );
    expect(binary?.[0]).toMatchObject({ 'run.flags': { loss: 'bce' } });
    expect(plain?.[0]?.['run.flags']).not.toHaveProperty('loss');
    const lossOf = (metrics: typeof binary) =>
      metrics?.find((one) => 'step' in one)?.['train.loss'] as number;
    // of three classes, log 2 each, and log 3
    expect(lossOf(binary)).toBeGreaterThan(0.4);
    expect(lossOf(binary)).toBeLessThan(lossOf(plain));
  });

  it('cannot be cross-entropy where images may have several', async () => {
    await expect(train(tiny({ optimizer: { loss: 'cross-entropy' } })).result).rejects.toThrow(
      /^loss \(--loss\): cross-entropy takes one class per image, and those of images\(64\) may have several: leave it out, or choose bce$/,
    );
    expect(() => train(tiny({ optimizer: { loss: 'mse' as 'bce' } }))).toThrow(
      "optimizer.loss must be one of cross-entropy, bce, got 'mse'",
    );
  });
});
