import { expect } from 'vitest';
import { readBack } from '../../backends/gpu/device/read-back.ts';
import { images, openGpu, pipeline, randomResizedCrop } from '../../src/index.ts';
import { adapter, itOnGpu } from '../support/gpu.ts';
import { patternItems } from '../support/raw-images.ts';

itOnGpu("opens the device that batches are on, and outlives the pipeline's use of it", async () => {
  const gpu = await openGpu();
  expect(gpu.adapter).toEqual(adapter);
  const stream = pipeline(images(patternItems(4)), { backend: 'gpu', workers: 0 }).pipe(randomResizedCrop(8));
  for await (const batch of stream) {
    const buffer = batch.buffer as GPUBuffer;
    const bytes = await readBack(gpu, gpu.device.createCommandEncoder(), buffer, 0, buffer.size);
    expect(new Uint16Array(bytes)).toEqual(await batch.read());
  }
  gpu.check();
  gpu.close();
  await expect(gpu.device.lost).resolves.toMatchObject({ reason: 'destroyed' });
});
