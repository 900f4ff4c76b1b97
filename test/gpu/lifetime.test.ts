import { expect } from 'vitest';
import { Gpu } from '../../backends/gpu/device/device.ts';
import { images, type PipelineOptions, pipeline, randomResizedCrop } from '../../src/index.ts';
import { describeOnGpu, itOnGpu } from '../support/gpu.ts';
import { script } from '../support/processes.ts';
import { patternItems } from '../support/raw-images.ts';
import { collect } from '../support/streams.ts';

const cropped = (options: PipelineOptions = {}, size = 8) =>
  pipeline(images(patternItems(24)), { backend: 'gpu', batchSize: 4, workers: 1, ...options }).pipe(
    randomResizedCrop(size),
  );

/** Of a second: what Node itself takes. */
const IDLE_MS = 50;

describeOnGpu('a stream on a GPU', () => {
  itOnGpu('ends with an error that says so when the device is lost, and can be run again', async () => {
    const stream = cropped({ epochs: Number.POSITIVE_INFINITY });
    const gpu = await Gpu.open();
    const loop = async () => {
      for await (const batch of stream) {
        if (batch.index === 2) gpu.device.destroy();
        await batch.read();
      }
    };
    await expect(loop()).rejects.toMatchObject({ code: 'DEVICE_LOST', name: 'BackendError' });
    gpu.close();
    expect(await collect(cropped())).toHaveLength(6);
  });

  itOnGpu('says which batch is too large for the device, and which size fits', async () => {
    // 8192 x 8192 x 3 halves: 384 MiB a row
    const stream = cropped({ batchSize: 64, prefetch: 1 }, 8192);
    await expect(collect(stream)).rejects.toThrow(
      /no GPU memory for a batch of 64 rows \(24576\.0 MiB\): .*; a batchSize of \d+ fits|not even a batchSize of 1 fits/,
    );
  });

  itOnGpu('gives the device back', async () => {
    const gpu = await Gpu.open();
    for await (const _ of cropped());
    gpu.close();
    await expect(gpu.wait(new Promise(() => {}))).rejects.toMatchObject({ code: 'DEVICE_LOST' });
  });

  itOnGpu('gives the device back where too many bad samples end the run', async () => {
    const items = [{ image: Buffer.from('no image') }, ...patternItems(7)];
    const options = { backend: 'gpu', batchSize: 4, workers: 1, onError: 'substitute', maxBad: 0 } as const;
    const gpu = await Gpu.open();
    const stream = pipeline(images(items), options).pipe(randomResizedCrop(8));
    await expect(collect(stream)).rejects.toMatchObject({ code: 'TOO_MANY_BAD_SAMPLES' });
    gpu.close();
    await expect(gpu.wait(new Promise(() => {}))).rejects.toMatchObject({ code: 'DEVICE_LOST' });
  });

  itOnGpu('gives the device back where its threads cannot be started', async () => {
    const dataset = images(patternItems(8));
    const faulty = { ...dataset, reader: { ...dataset.reader, options: { notCloneable: () => {} } } };
    const gpu = await Gpu.open();
    const stream = pipeline(faulty, { backend: 'gpu', workers: 1 }).pipe(randomResizedCrop(8));
    await expect(collect(stream)).rejects.toMatchObject({ code: 'OPEN_FAILED' });
    gpu.close();
    await expect(gpu.wait(new Promise(() => {}))).rejects.toMatchObject({ code: 'DEVICE_LOST' });
  });

  itOnGpu('lets the process exit by itself, and takes no processor time while it stands still', async () => {
    const { code, stdout, isAlone } = await script(`
      const image = { width: 20, height: 20, data: new Uint8Array(1200) };
      const source = millrace.images(Array.from({ length: 64 }, () => ({ image })));
      const options = { backend: 'gpu', batchSize: 4, workers: 1 };
      const pause = () => new Promise((resolve) => setTimeout(resolve, 1000));
      let batches = 0;
      for await (const batch of millrace.pipeline(source, options).pipe(millrace.randomResizedCrop(8))) {
        await batch.read();
        if (++batches !== 4) continue;
        // until what was begun is ready: a busy machine may take long
        let idle = Infinity;
        for (let seconds = 0; idle >= ${IDLE_MS} && seconds < 60; seconds++) {
          const before = process.cpuUsage();
          await pause();
          const { user, system } = process.cpuUsage(before);
          idle = (user + system) / 1000;
        }
        console.log('idle', idle);
      }
      console.log('batches', batches);
    `);
    expect(stdout).toContain('batches 16');
    expect({ code, isAlone }).toEqual({ code: 0, isAlone: true });
    expect(Number(/idle ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(IDLE_MS);
  });
});
