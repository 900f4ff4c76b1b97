import type { Tensor } from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { bufferUsage, Gpu } from '../../backends/gpu/device/device.ts';
import type { Batch } from '../../src/core/batch.ts';
import { partsOf } from '../../src/core/batch-part.ts';
import type { Trainer } from '../../src/core/trainer.ts';
import { autoAugment, images, mixup, normalize, pipeline, randomResizedCrop } from '../../src/index.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { compute, openTensorflow } from '../../src/trainers/tfjs/tensorflow.ts';
import { createTrainer } from '../../src/trainers/tfjs/tfjs-trainer.ts';
import { describeOnGpu, itOnGpu } from '../support/gpu.ts';
import { learnFrom, makeGpuBatch, readBuffer, writeBatch } from '../support/gpu-batches.ts';
import { patternItems } from '../support/raw-images.ts';
import { type BatchParts, makeBatch } from '../support/trainers.ts';
import { model, parts, preparation, step, useWebgpuTrainers } from '../support/webgpu-trainers.ts';

const planes: BatchParts = { ...parts, shape: [4, 3, 16, 16], layout: 'nchw' };
const formats: readonly BatchParts[] = [
  { ...parts, dtype: 'float32', layout: 'nhwc' },
  { ...parts, dtype: 'float16', layout: 'nhwc' },
  { ...planes, dtype: 'float32' },
  { ...planes, dtype: 'float16' },
];
const on = useWebgpuTrainers();

/** All that a step gives; `after` is called as soon as it has ended. */
async function results(trainer: Trainer<EfficientNet>, batch: Batch, after = () => {}): Promise<unknown> {
  const { loss } = await trainer.trainStep(batch, step);
  after();
  const state = await trainer.state();
  return { loss, state };
}

describeOnGpu('the tfjs trainer on batches of the gpu data backend', () => {
  it.each(formats)('takes them where they are: $dtype $layout', async (format) => {
    const batch = await makeGpuBatch(on.gpu, format);
    const before = await readBuffer(on.gpu, batch.buffer as GPUBuffer);
    const actual = await results(await on.prepare(on.gpu.device), batch);
    expect(batch.reads).toBe(0);
    expect(actual).toEqual(await results(await on.prepare(), makeBatch(format)));
    // the buffer is neither destroyed nor written to
    expect(await readBuffer(on.gpu, batch.buffer as GPUBuffer)).toEqual(before);
  });

  it.each(formats)('takes parts of them where they are: $dtype $layout', async (format) => {
    const batch = await makeGpuBatch(on.gpu, format);
    const vectorsOf = async (trainer: Trainer<EfficientNet>, whole: Batch) => {
      const vectors: unknown[] = [];
      for (const [part, rows] of partsOf(whole, 2).entries())
        vectors.push(await trainer.contribution?.(rows, { ...step, parts: 2, firstRow: 2 * part }));
      return vectors;
    };
    const [first, second] = await vectorsOf(await on.prepare(on.gpu.device), batch);
    expect(batch.reads).toBe(0);
    expect([first, second]).toEqual(await vectorsOf(await on.prepare(), makeBatch(format)));
    expect(second).not.toEqual(first);
  });

  it.each(formats)('has read them when a step ends: $dtype $layout', async (format) => {
    const [two, ten] = [2, 10].map((value) => ({
      ...format,
      images: parts.images.map((x) => x * value),
    })) as [BatchParts, BatchParts];
    const batch = await makeGpuBatch(on.gpu, two);
    const overwrite = () => writeBatch(on.gpu, batch.buffer as GPUBuffer, ten);
    const trainer = await on.prepare(on.gpu.device);
    const expected = await trainer.evaluateStep(makeBatch(two));
    const evaluating = trainer.evaluateStep(batch);
    expect(await evaluating.finally(overwrite)).toEqual(expected);
    expect(await trainer.evaluateStep(batch)).not.toEqual(expected);

    writeBatch(on.gpu, batch.buffer as GPUBuffer, two);
    const trained = await results(trainer, batch, overwrite);
    expect(trained).toEqual(await results(await on.prepare(), makeBatch(two)));
  });

  it.each(['float16', 'float32'] as const)(
    "learns from a %s stream as from the cpu backend's, bit for bit",
    async (dtype) => {
      const learn = async (backend: 'cpu' | 'gpu') => {
        const options = { backend, batchSize: 4, seed: 2, workers: 1, epochs: 2 };
        const stream = pipeline(images(patternItems(14, 3)), options).pipe(
          randomResizedCrop(16),
          autoAugment(),
          normalize({ dtype }),
          mixup(0.2),
        );
        return learnFrom(stream, await on.prepare(on.gpu.device), step);
      };
      const { losses, readByTrainer } = await learn('gpu');
      expect(losses).toHaveLength(8);
      expect(readByTrainer).toBe(0);
      expect(losses).toEqual((await learn('cpu')).losses);
    },
  );

  it('works on several at once', async () => {
    const trainer = await on.prepare(on.gpu.device);
    const batches = [1, 3].map((factor) => ({
      ...parts,
      images: parts.images.map((x) => x * factor),
      dtype: 'float16' as const,
    }));
    const expected = [];
    for (const batch of batches) expected.push(await trainer.evaluateStep(makeBatch(batch)));
    const onGpu = await Promise.all(batches.map((batch) => makeGpuBatch(on.gpu, batch)));
    expect(await Promise.all(onGpu.map((batch) => trainer.evaluateStep(batch)))).toEqual(expected);
  });

  it('reads those that are on another device, and those for a trainer without one', async () => {
    const other = await Gpu.open('0');
    expect(other.device).not.toBe(on.gpu.device);
    const batch = await makeGpuBatch(other, { ...parts, dtype: 'float16' });
    const expected = await (await on.prepare()).evaluateStep(makeBatch({ ...parts, dtype: 'float16' }));
    expect(await (await on.prepare(on.gpu.device)).evaluateStep(batch)).toEqual(expected);
    expect(batch.reads).toBe(1);

    const onWasm = createTrainer({ backend: 'wasm' });
    await onWasm.prepare(model, { ...preparation, device: on.gpu.device });
    const { lossSum } = await onWasm.evaluateStep(batch);
    expect(lossSum).toBeCloseTo(expected.lossSum, 4);
    expect(batch.reads).toBe(2);
    other.close();
  });

  it('holds as many tensors and as much memory after each step as after the second', async () => {
    const { tf, close } = await openTensorflow('webgpu', on.gpu.device);
    const before = tf.memory().numTensors;
    const trainer = await on.prepare(on.gpu.device);
    const batch = await makeGpuBatch(on.gpu, { ...parts, dtype: 'float16' });
    const held: unknown[] = [];
    for (let index = 0; index < 4; index++) {
      await trainer.trainStep(batch, { ...step, step: index });
      await trainer.evaluateStep(batch);
      const { numTensors, numBytesAllocatedInGPU } = tf.memory() as unknown as Record<string, number>;
      held.push({ numTensors, numBytesAllocatedInGPU });
    }
    expect(held[3]).toEqual(held[1]);
    await trainer.close();
    expect(tf.memory().numTensors).toBe(before);
    close();
  });
});

itOnGpu('has the commands of a computation on their way when it returns', async () => {
  const tensorflow = await openTensorflow('webgpu', on.gpu.device);
  const { tf } = tensorflow;
  const usage = bufferUsage.STORAGE | bufferUsage.COPY_SRC | bufferUsage.COPY_DST;
  const buffer = await on.gpu.allocate('four numbers', 16, usage);
  const write = (value: number) =>
    on.gpu.device.queue.writeBuffer(buffer, 0, new Float32Array(4).fill(value));
  write(2);
  const doubled: Tensor = compute(tensorflow, () =>
    tf.tensor({ buffer, zeroCopy: true }, [4], 'float32').mul(2),
  );
  write(10);
  expect([...(await doubled.data())]).toEqual([4, 4, 4, 4]);
  doubled.dispose();
  tensorflow.close();
});
