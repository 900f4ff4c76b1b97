import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Tensor4D } from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { bufferUsage, Gpu } from '../../backends/gpu/device/device.ts';
import { plainSeam } from '../../src/trainers/tfjs/network.ts';
import { openTensorflow } from '../../src/trainers/tfjs/tensorflow.ts';
import { describeOnGpu, itOnGpu } from '../support/gpu.ts';
import { makeGpuBatch } from '../support/gpu-batches.ts';
import { makeBatch, trainingSettings as settings } from '../support/trainers.ts';
import { model, parts, preparation, step, useWebgpuTrainers } from '../support/webgpu-trainers.ts';

const on = useWebgpuTrainers();

describeOnGpu('the device of the tfjs trainer', () => {
  const batch = makeBatch(parts);

  it('can be another for each trainer, and for the same trainer later', async () => {
    const other = await Gpu.open('0');
    const [first, second] = [await on.prepare(on.gpu.device), await on.prepare(other.device)];
    const expected = await first.evaluateStep(batch);
    expect(await Promise.all([second, first].map((trainer) => trainer.evaluateStep(batch)))).toEqual([
      expected,
      expected,
    ]);
    await first.prepare(model, { ...preparation, device: other.device });
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
      const trainer = await on.prepare(other.device, { ...plainSeam, activation });
      destroyAt('before a step');
      const running = trainer.trainStep(batch, step);
      destroyAt('when a step begins');
      await expect(running).rejects.toMatchObject({ name: 'BackendError', code: 'DEVICE_LOST' });
      await expect(trainer.evaluateStep(batch)).rejects.toThrow('is lost');
      await trainer.close();
      other.close();
      // another device does
      await trainer.prepare(model, { ...preparation, device: on.gpu.device });
      expect((await trainer.state()).weights).toBeDefined();
    },
  );

  it('comes with an advice where it has not got the memory for a step', async () => {
    const other = await Gpu.open('0');
    const trainer = await on.prepare(other.device);
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
    expect((await trainer.evaluateStep(batch)).rows).toBe(4);
    other.close();
  });

  it('must be one that millrace opened', async () => {
    await expect(on.prepare({} as GPUDevice)).rejects.toMatchObject({ code: 'FOREIGN_DEVICE' });
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
      timeout: 120_000,
    });

  itOnGpu('ends when the trainer is closed, and takes no browser for granted', async () => {
    expect((await run()).stdout).toBe('false\n');
  });

  it.runIf(process.platform === 'linux')('says what to install where there is no adapter', async () => {
    const none = { VK_DRIVER_FILES: '/nowhere', VK_ICD_FILENAMES: '/nowhere' };
    await expect(run(none)).rejects.toThrow(/NO_ADAPTER|finds no GPU adapter: install/);
  });
});
