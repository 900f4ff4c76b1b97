import { expect } from 'vitest';
import { bufferUsage, Gpu } from '../../backends/gpu/device/device.ts';
import { readBack } from '../../backends/gpu/device/read-back.ts';
import { shaderCopy } from '../../bench/gpu/shader-copy.ts';
import { itOnGpu } from '../support/gpu.ts';

itOnGpu('the shader whose speed is measured copies all of a buffer', async () => {
  const gpu = await Gpu.open();
  const { COPY_DST, COPY_SRC, STORAGE } = bufferUsage;
  // no whole number of workgroups
  const words = Uint32Array.from({ length: 4 * 256 * 3 + 4 }, (_, i) => i);
  const from = await gpu.allocate('a buffer to copy', words.byteLength, STORAGE | COPY_DST);
  const to = await gpu.allocate('a copy', words.byteLength, STORAGE | COPY_SRC);
  gpu.device.queue.writeBuffer(from, 0, words);
  const encoder = gpu.device.createCommandEncoder();
  (await shaderCopy(gpu, from, to))(encoder);
  const copy = Buffer.from(await readBack(gpu, encoder, to, 0, words.byteLength));
  expect(copy.equals(Buffer.from(words.buffer))).toBe(true);
  for (const buffer of [from, to]) buffer.destroy();
  gpu.close();
});
