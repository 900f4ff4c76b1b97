import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bufferUsage, Gpu } from '../../backends/gpu/device.ts';
import type { Batch } from '../../src/core/batch.ts';
import type { Trainer } from '../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import { plainSeam } from '../../src/trainers/tfjs/network.ts';
import { compute, openTensorflow } from '../../src/trainers/tfjs/tensorflow.ts';
import { createTrainer } from '../../src/trainers/tfjs/tfjs-trainer.ts';
import { describeOnGpu, isWithoutGpu, itOnGpu } from '../support/gpu.ts';
import { makeGpuBatch, readBuffer, writeBatch } from '../support/gpu-batches.ts';
import { type BatchParts, makeBatch } from '../support/trainers.ts';

const settings = {
  optimizer: 'sgd',
  momentum: 0.9,
  weightDecay: 1e-4,
  rmspropAlpha: 0.9,
  rmspropEpsilon: 0.01,
  labelSmoothing: 0.1,
} as const;
const model = efficientNet({ width: 0.125, depth: 0.25, resolution: 16, classes: 3, dropout: 0 });
const step = { learningRate: 0.05, apply: true, lossScale: 1, step: 0 };
const rows = 4;
const waves = Float32Array.from({ length: rows * 16 * 16 * 3 }, (_, i) => Math.sin(i));
const parts: BatchParts = { images: waves, shape: [rows, 16, 16, 3], labels: Int32Array.of(0, 1, 2, 0) };
const planes: BatchParts = { ...parts, shape: [rows, 3, 16, 16], layout: 'nchw' };
const formats: readonly BatchParts[] = [
  { ...parts, dtype: 'float32', layout: 'nhwc' },
  { ...parts, dtype: 'float16', layout: 'nhwc' },
  { ...planes, dtype: 'float32' },
  { ...planes, dtype: 'float16' },
];

// held open, as a data backend would: the shaders of a device are compiled once
let gpu: Gpu;
beforeAll(async () => {
  if (!isWithoutGpu) gpu = await Gpu.open();
});
afterAll(() => gpu?.close());

const opened: Trainer<EfficientNet>[] = [];
async function prepare(device?: GPUDevice, seam = plainSeam): Promise<Trainer<EfficientNet>> {
  const trainer = createTrainer({ backend: 'webgpu', seam });
  opened.push(trainer);
  await trainer.prepare(model, { precision: 'float32', seed: 3, settings, ...(device && { device }) });
  return trainer;
}
afterEach(async () => {
  for (const trainer of opened.splice(0)) await trainer.close();
});

/** All that a step gives; `after` is called as soon as it has ended. */
async function results(trainer: Trainer<EfficientNet>, batch: Batch, after = () => {}): Promise<unknown> {
  const { loss } = await trainer.trainStep(batch, step);
  after();
  const state = await trainer.state();
  return { loss, state };
}

describeOnGpu('the tfjs trainer on batches of the gpu data backend', () => {
  it.each(formats)('takes them where they are: $dtype $layout', async (format) => {
    const batch = await makeGpuBatch(gpu, format);
    const before = await readBuffer(gpu, batch.buffer as GPUBuffer);
    const actual = await results(await prepare(gpu.device), batch);
    expect(batch.reads).toBe(0);
    expect(actual).toEqual(await results(await prepare(), makeBatch(format)));
    // the buffer is neither destroyed nor written to
    expect(await readBuffer(gpu, batch.buffer as GPUBuffer)).toEqual(before);
  });

  it.each(formats)('has read them when a step ends: $dtype $layout', async (format) => {
    const [two, ten] = [2, 10].map((value) => ({ ...format, images: waves.map((x) => x * value) })) as [
      BatchParts,
      BatchParts,
    ];
    const batch = await makeGpuBatch(gpu, two);
    const overwrite = () => writeBatch(gpu, batch.buffer as GPUBuffer, ten);
    const trainer = await prepare(gpu.device);
    const expected = await trainer.evaluateStep(makeBatch(two));
    const evaluating = trainer.evaluateStep(batch);
    expect(await evaluating.finally(overwrite)).toEqual(expected);
    expect(await trainer.evaluateStep(batch)).not.toEqual(expected);

    overwrite();
    writeBatch(gpu, batch.buffer as GPUBuffer, two);
    const trained = await results(trainer, batch, overwrite);
    expect(trained).toEqual(await results(await prepare(), makeBatch(two)));
  });

  it('works on several at once', async () => {
    const trainer = await prepare(gpu.device);
    const batches = [1, 3].map((factor) => ({
      ...parts,
      images: waves.map((x) => x * factor),
      dtype: 'float16' as const,
    }));
    const expected = [];
    for (const batch of batches) expected.push(await trainer.evaluateStep(makeBatch(batch)));
    const onGpu = await Promise.all(batches.map((batch) => makeGpuBatch(gpu, batch)));
    expect(await Promise.all(onGpu.map((batch) => trainer.evaluateStep(batch)))).toEqual(expected);
  });

  it('reads those that are on another device, and those for a trainer without one', async () => {
    const other = await Gpu.open('0');
    expect(other.device).not.toBe(gpu.device);
    const batch = await makeGpuBatch(other, { ...parts, dtype: 'float16' });
    const expected = await (await prepare()).evaluateStep(makeBatch({ ...parts, dtype: 'float16' }));
    expect(await (await prepare(gpu.device)).evaluateStep(batch)).toEqual(expected);
    expect(batch.reads).toBe(1);

    const onWasm = createTrainer({ backend: 'wasm' });
    await onWasm.prepare(model, { precision: 'float32', seed: 3, settings, device: gpu.device });
    const { lossSum } = await onWasm.evaluateStep(batch);
    expect(lossSum).toBeCloseTo(expected.lossSum, 4);
    expect(batch.reads).toBe(2);
    other.close();
  });

  it('holds as many tensors and as much memory after each step as after the second', async () => {
    const { tf, close } = await openTensorflow('webgpu', gpu.device);
    const before = tf.memory().numTensors;
    const trainer = await prepare(gpu.device);
    const batch = await makeGpuBatch(gpu, { ...parts, dtype: 'float16' });
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
  const tensorflow = await openTensorflow('webgpu', gpu.device);
  const { tf } = tensorflow;
  const usage = bufferUsage.STORAGE | bufferUsage.COPY_SRC | bufferUsage.COPY_DST;
  const buffer = await gpu.allocate('four numbers', 16, usage);
  const write = (value: number) => gpu.device.queue.writeBuffer(buffer, 0, new Float32Array(4).fill(value));
  write(2);
  const doubled: Tensor = compute(tensorflow, () =>
    tf.tensor({ buffer, zeroCopy: true }, [4], 'float32').mul(2),
  );
  write(10);
  expect([...(await doubled.data())]).toEqual([4, 4, 4, 4]);
  doubled.dispose();
  tensorflow.close();
});

describeOnGpu('the device of the tfjs trainer', () => {
  const batch = makeBatch(parts);

  it('can be another for each trainer, and for the same trainer later', async () => {
    const other = await Gpu.open('0');
    const [first, second] = [await prepare(gpu.device), await prepare(other.device)];
    const expected = await first.evaluateStep(batch);
    expect(await Promise.all([second, first].map((trainer) => trainer.evaluateStep(batch)))).toEqual([
      expected,
      expected,
    ]);
    await first.prepare(model, { precision: 'float32', seed: 3, settings, device: other.device });
    const onGpu = await makeGpuBatch(other, parts);
    // the trainers keep the device
    other.close();
    expect(await first.evaluateStep(onGpu)).toEqual(expected);
    expect(onGpu.reads).toBe(0);
  });

  it('leaves nothing with tfjs when it is given back', async () => {
    const other = await Gpu.open('0');
    const { tf, backend, close } = await openTensorflow('webgpu', other.device);
    expect(tf.engine().backendNames()).toContain(backend);
    close();
    other.close();
    await other.device.lost;
    expect(tf.engine().backendNames()).not.toContain(backend);
    expect(tf.getKernelsForBackend(backend)).toEqual([]);
  });

  it.each(['before a step', 'when a step begins', 'in a step'])(
    'is named when it is lost %s',
    async (moment) => {
      const other = await Gpu.open('0');
      const destroyAt = (now: string) => now === moment && other.device.destroy();
      const activation = (output: Tensor4D) => {
        destroyAt('in a step');
        return output;
      };
      const trainer = await prepare(other.device, { ...plainSeam, activation });
      destroyAt('before a step');
      const running = trainer.trainStep(batch, step);
      destroyAt('when a step begins');
      await expect(running).rejects.toMatchObject({ name: 'BackendError', code: 'DEVICE_LOST' });
      await expect(trainer.evaluateStep(batch)).rejects.toThrow('is lost');
      await trainer.close();
      other.close();
      // another device does
      await trainer.prepare(model, { precision: 'float32', seed: 3, settings, device: gpu.device });
      expect((await trainer.state()).weights).toBeDefined();
    },
  );

  it('comes with an advice where it has not got the memory for a step', async () => {
    const other = await Gpu.open('0');
    const trainer = await prepare(other.device);
    const buffer = await other.allocate('a batch', 4, bufferUsage.STORAGE);
    const evaluate = (rows: number) =>
      trainer.evaluateStep({ ...batch, buffer, shape: [rows, 3, 16, 16], layout: 'nchw' });
    const { maxBufferSize, maxStorageBufferBindingSize } = other.device.limits;
    for (const bytes of [maxBufferSize, maxStorageBufferBindingSize])
      await expect(evaluate(Math.floor(bytes / 3072) + 1)).rejects.toMatchObject({
        code: 'OUT_OF_MEMORY',
        message: expect.stringMatching(/float32 images of the trainer.*: use a smaller batch/),
      });
    // it was not harmed
    expect((await trainer.evaluateStep(batch)).rows).toBe(rows);
    other.close();
  });

  it('must be one that millrace opened', async () => {
    await expect(prepare({} as GPUDevice)).rejects.toMatchObject({ code: 'FOREIGN_DEVICE' });
  });
});

describe('a process with the tfjs trainer on webgpu', () => {
  const url = (path: string) => new URL(`../../${path}`, import.meta.url).href;
  const source = `
    import { createTrainer } from '${url('src/trainers/tfjs/tfjs-trainer.js')}';
    import { efficientNet } from '${url('src/models/efficientnet.js')}';
    const trainer = createTrainer({ backend: 'webgpu' });
    const options = { precision: 'float32', seed: 1, settings: ${JSON.stringify(settings)} };
    await trainer.prepare(efficientNet(${JSON.stringify({ width: 0.125, depth: 0.25, classes: 3 })}), options);
    await trainer.state();
    await trainer.close();
    console.log('gpu' in (globalThis.navigator ?? {}));`;
  const run = (env = {}) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', source], {
      env: { ...process.env, ...env },
      timeout: 30_000,
    });

  itOnGpu('ends when the trainer is closed, and takes no browser for granted', async () => {
    expect((await run()).stdout).toBe('false\n');
  });

  it.runIf(process.platform === 'linux')('says what to install where there is no adapter', async () => {
    const none = { VK_DRIVER_FILES: '/nowhere', VK_ICD_FILENAMES: '/nowhere' };
    await expect(run(none)).rejects.toThrow(/NO_ADAPTER|finds no GPU adapter: install/);
  });
});
