import { afterEach, expect, it } from 'vitest';
import { Gpu } from '../../backends/gpu/device/device.ts';
import type { Batch } from '../../src/core/batch.ts';
import type { Trainer } from '../../src/core/trainer.ts';
import { autoAugment, images, mixup, normalize, pipeline, randomResizedCrop } from '../../src/index.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { describeOnGpu, useOpenGpu } from '../support/gpu.ts';
import { learnFrom, makeGpuBatch, readBuffer, writeBatch } from '../support/gpu-batches.ts';
import { patternItems } from '../support/raw-images.ts';
import { type BatchParts, makeBatch } from '../support/trainers.ts';
import { model, preparation, step } from '../support/webgpu-trainers.ts';

const on = useOpenGpu();
const opened: Trainer<EfficientNet>[] = [];
afterEach(async () => {
  for (const trainer of opened.splice(0)) await trainer.close();
});

/** On the device of the tests, or on what it opens itself. */
async function prepare(device?: GPUDevice): Promise<Trainer<EfficientNet>> {
  const trainer = createTrainer({ device: 'gpu' });
  opened.push(trainer);
  await trainer.prepare(model, {
    ...{ ...preparation, precision: 'mixed', lossScaling: { initial: 128, growthInterval: 100 } },
    ...(device && { device }),
  });
  return trainer;
}

/** Images of any number and size; `factor` makes others. */
function partsOf(rows: number, size: number, factor = 1): BatchParts {
  const length = rows * size * size * 3;
  return {
    images: Float32Array.from({ length }, (_, i) => factor * Math.sin(i)),
    shape: [rows, size, size, 3],
    labels: Int32Array.from({ length: rows }, (_, row) => row % 3),
    dtype: 'float16',
  };
}

async function results(trainer: Trainer<EfficientNet>, batch: Batch, after = () => {}): Promise<unknown> {
  const result = await trainer.trainStep(batch, step);
  after();
  return { result, state: await trainer.state() };
}

const planes: BatchParts = { ...partsOf(4, 16), shape: [4, 3, 16, 16], layout: 'nchw' };
const formats: readonly { name: string; parts: BatchParts; reads: number }[] = [
  { name: 'float16 nhwc', parts: partsOf(4, 16), reads: 0 },
  // 1734 numbers: their bytes are no multiple of what a shader reads at once
  { name: 'float16 nhwc of an odd size', parts: partsOf(2, 17), reads: 0 },
  { name: 'float32 nhwc of an odd size', parts: { ...partsOf(2, 17), dtype: 'float32' }, reads: 0 },
  { name: 'float16 nchw', parts: planes, reads: 1 },
];

describeOnGpu('the graph trainer on batches of the gpu data backend', () => {
  it.for(formats)('has the bits of uploaded images: $name', async ({ parts, reads }) => {
    const batch = await makeGpuBatch(on.gpu, parts);
    const before = await readBuffer(on.gpu, batch.buffer as GPUBuffer);
    const actual = await results(await prepare(on.gpu.device), batch);
    expect(batch.reads).toBe(reads);
    expect(actual).toEqual(await results(await prepare(), makeBatch(parts)));
    // the buffer is neither destroyed nor written to
    expect(await readBuffer(on.gpu, batch.buffer as GPUBuffer)).toEqual(before);
  });

  it('has read them when a step ends', async () => {
    const batch = await makeGpuBatch(on.gpu, partsOf(4, 16));
    const overwrite = () => writeBatch(on.gpu, batch.buffer as GPUBuffer, partsOf(4, 16, 5));
    const trained = await results(await prepare(on.gpu.device), batch, overwrite);
    expect(trained).toEqual(await results(await prepare(), makeBatch(partsOf(4, 16))));
  });

  it('reads each batch of a ring from its own buffer, and one that was uploaded in between', async () => {
    const trainer = await prepare(on.gpu.device);
    const factors = [1, 2, 1, 3, 2];
    const slots = new Map(
      await Promise.all([1, 2].map(async (f) => [f, await makeGpuBatch(on.gpu, partsOf(4, 16, f))] as const)),
    );
    const actual = [];
    for (const factor of factors)
      actual.push(await trainer.evaluateStep(slots.get(factor) ?? makeBatch(partsOf(4, 16, factor))));
    const expected = [];
    for (const factor of factors)
      expected.push(await trainer.evaluateStep(makeBatch(partsOf(4, 16, factor))));
    expect(actual).toEqual(expected);
    expect(new Set(actual.map(({ lossSum }) => lossSum)).size).toBe(3);
  });

  it('reads those that are on another device', async () => {
    const other = await Gpu.open('0');
    const batch = await makeGpuBatch(other, partsOf(4, 16));
    const trainer = await prepare(on.gpu.device);
    expect(await trainer.evaluateStep(batch)).toEqual(await trainer.evaluateStep(makeBatch(partsOf(4, 16))));
    expect(batch.reads).toBe(1);
    other.close();
  });

  it("learns from a gpu stream as from the cpu backend's, bit for bit", async () => {
    const learn = async (backend: 'cpu' | 'gpu') => {
      // the last batch of an epoch has two rows
      const options = { backend, batchSize: 4, seed: 2, workers: 1, epochs: 2 };
      const steps = [randomResizedCrop(16), autoAugment(), normalize(), mixup(0.2)] as const;
      const stream = pipeline(images(patternItems(14, 3)), options).pipe(...steps);
      return learnFrom(stream, await prepare(on.gpu.device), step);
    };
    const { losses, readByTrainer } = await learn('gpu');
    expect(losses).toHaveLength(8);
    expect(readByTrainer).toBe(0);
    expect(losses).toEqual((await learn('cpu')).losses);
  });
});

describeOnGpu('the graph trainer on batches of several shapes', () => {
  // the third needs more memory than there is: it grows after programs were bound to it
  const shapes = [
    [4, 16],
    [1, 16],
    [6, 24],
    [4, 16],
    [3, 9],
  ] as const;

  it('has the bits of a trainer that had each alone', async () => {
    const trainer = await prepare(on.gpu.device);
    const start = await trainer.state();
    const alone = async (rows: number, size: number) => {
      const other = await prepare(on.gpu.device);
      return {
        step: await results(other, makeBatch(partsOf(rows, size))),
        evaluation: await other.evaluateStep(makeBatch(partsOf(rows, size, 2))),
      };
    };
    for (const [rows, size] of shapes) {
      await trainer.load(start);
      const step = await results(trainer, makeBatch(partsOf(rows, size)));
      const evaluation = await trainer.evaluateStep(makeBatch(partsOf(rows, size, 2)));
      expect({ step, evaluation }).toEqual(await alone(rows, size));
    }
  });

  it('evaluates a row alike in whichever batch it stands', async () => {
    const trainer = await prepare(on.gpu.device);
    const five = partsOf(5, 16);
    const logits = (await trainer.predict?.(makeBatch(five))) as Float32Array;
    const pixels = 16 * 16 * 3;
    const rest = { ...partsOf(2, 16), images: five.images.slice(3 * pixels) };
    expect(await trainer.predict?.(makeBatch(rest))).toEqual(logits.slice(9));
  });

  it('works on several at once', async () => {
    const trainer = await prepare(on.gpu.device);
    const batches = [1, 3, 2].map((factor) => makeBatch(partsOf(4, 16, factor)));
    const expected = [];
    for (const batch of batches) expected.push(await trainer.evaluateStep(batch));
    expect(await Promise.all(batches.map((batch) => trainer.evaluateStep(batch)))).toEqual(expected);
    const [, result] = await Promise.all([
      trainer.close(),
      trainer.predict?.(batches[0] as Batch).catch((error) => error.code),
    ]);
    expect(result).toBe('NOT_PREPARED');
  });

  it('ends what is at work before it closes', async () => {
    const trainer = await prepare(on.gpu.device);
    const batch = makeBatch(partsOf(4, 16));
    const expected = await trainer.evaluateStep(batch);
    const [result] = await Promise.all([trainer.evaluateStep(batch), trainer.close()]);
    expect(result).toEqual(expected);
    on.gpu.check();
  });
});
