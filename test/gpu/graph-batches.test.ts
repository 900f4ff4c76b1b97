import { expect, it } from 'vitest';
import { Gpu } from '../../backends/gpu/device/device.ts';
import { partsOf as cut } from '../../src/core/batch-part.ts';
import { autoAugment, images, mixup, normalize, pipeline, randomResizedCrop } from '../../src/index.ts';
import type { GraphTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { describeOnGpu, useOpenGpu } from '../support/gpu.ts';
import { learnFrom, makeGpuBatch, readBuffer, writeBatch } from '../support/gpu-batches.ts';
import { mixed, useTrainers } from '../support/graph-devices.ts';
import { partsOf, results } from '../support/graph-training.ts';
import { patternItems } from '../support/raw-images.ts';
import { type BatchParts, makeBatch } from '../support/trainers.ts';
import { model, step } from '../support/webgpu-trainers.ts';

const on = useOpenGpu();
const open = useTrainers();

/** On the device of the tests, or on what it opens itself. */
const prepare = (device?: GPUDevice): Promise<GraphTrainer> =>
  open(model, { ...mixed, ...(device && { device }) });

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
    const overwrite = () => writeBatch(on.gpu, batch.buffer as GPUBuffer, partsOf(4, 16, { factor: 5 }));
    const trained = await results(await prepare(on.gpu.device), batch, overwrite);
    expect(trained).toEqual(await results(await prepare(), makeBatch(partsOf(4, 16))));
  });

  it('reads each batch of a ring from its own buffer, and one that was uploaded in between', async () => {
    const trainer = await prepare(on.gpu.device);
    const factors = [1, 2, 1, 3, 2];
    const slots = new Map(
      await Promise.all(
        [1, 2].map(async (f) => [f, await makeGpuBatch(on.gpu, partsOf(4, 16, { factor: f }))] as const),
      ),
    );
    const actual = [];
    for (const factor of factors)
      actual.push(await trainer.evaluateStep(slots.get(factor) ?? makeBatch(partsOf(4, 16, { factor }))));
    const expected = [];
    for (const factor of factors)
      expected.push(await trainer.evaluateStep(makeBatch(partsOf(4, 16, { factor }))));
    expect(actual).toEqual(expected);
    expect(new Set(actual.map(({ lossSum }) => lossSum)).size).toBe(3);
  });

  it.each([
    { edge: 16, reads: 0, where: 'where they lie in its buffer' },
    {
      edge: 17,
      reads: 1,
      where: 'from its images, which are fetched once, where none begins at a multiple of 256 bytes',
    },
  ])('reads parts of a batch $where', async ({ edge, reads }) => {
    const whole = await makeGpuBatch(on.gpu, partsOf(6, edge));
    const trainer = await prepare(on.gpu.device);
    const [actual, expected] = [[], []] as [unknown[], unknown[]];
    for (const part of cut(whole, 2)) actual.push(await trainer.evaluateStep(part));
    for (const part of cut(makeBatch(partsOf(6, edge)), 2)) expected.push(await trainer.evaluateStep(part));
    expect(actual).toEqual(expected);
    expect(new Set(actual.map((one) => JSON.stringify(one))).size).toBe(3);
    expect(whole.reads).toBe(reads);
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

  it('ends what is at work before it closes, and leaves a device that was lent', async () => {
    const trainer = await prepare(on.gpu.device);
    const batch = makeBatch(partsOf(4, 16));
    const expected = await trainer.evaluateStep(batch);
    const [result] = await Promise.all([trainer.evaluateStep(batch), trainer.close()]);
    expect(result).toEqual(expected);
    on.gpu.check();
  });
});
