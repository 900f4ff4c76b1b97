import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { bufferUsage, Gpu } from '../../backends/gpu/device/device.ts';
import { fromHalf } from '../../src/core/half.ts';
import { widenImages } from '../../src/trainers/recipe/batch-input.ts';
import { ImageWidener } from '../../src/trainers/tfjs/widen.ts';
import { isWithoutGpu, itOnGpu } from '../support/gpu.ts';
import { makeGpuBatch, readBuffer } from '../support/gpu-batches.ts';

let gpu: Gpu;
let widener: ImageWidener;
beforeAll(async () => {
  if (isWithoutGpu) return;
  gpu = await Gpu.open();
  widener = new ImageWidener(gpu);
});
afterAll(() => {
  widener?.close();
  gpu?.close();
});

type Shape = [number, number, number, number];
const usage = bufferUsage.STORAGE | bufferUsage.COPY_DST;

/** The widener's words for float16 images [n, h, w, 3]. */
async function widenHalves(halves: Uint16Array<ArrayBuffer>, shape: Shape): Promise<Uint32Array> {
  const buffer = await gpu.allocate('halves', halves.byteLength, usage);
  gpu.device.queue.writeBuffer(buffer, 0, halves);
  await widener.reserve(shape);
  const words = await readBuffer(gpu, widener.widen({ buffer, shape, dtype: 'float16', layout: 'nhwc' }));
  buffer.destroy();
  return words;
}

itOnGpu('gives each of the 65,536 halves its float32, subnormals and signed zeros with it', async () => {
  const halves = Uint16Array.from({ length: 65_538 }, (_, i) => i);
  const words = await widenHalves(halves, [1, 1, 21_846, 3]);
  const actual = [...new Float32Array(words.buffer)];
  expect(actual).toEqual([...halves].map(fromHalf));
});

itOnGpu('is the widening of the cpu, for every type and layout', async () => {
  const batches = fc.record({
    rows: fc.integer({ min: 1, max: 4 }),
    height: fc.integer({ min: 1, max: 19 }),
    width: fc.integer({ min: 1, max: 19 }),
    dtype: fc.constantFrom('float16' as const, 'float32' as const),
    layout: fc.constantFrom('nhwc' as const, 'nchw' as const),
    scale: fc.constantFrom(1, 1e-6, 1e4),
  });
  const property = fc.asyncProperty(batches, async ({ rows, height, width, dtype, layout, scale }) => {
    const shape: Shape = layout === 'nhwc' ? [rows, height, width, 3] : [rows, 3, height, width];
    const images = Float32Array.from(
      { length: rows * height * width * 3 },
      (_, i) => Math.sin(i + 1) * scale,
    );
    const batch = await makeGpuBatch(gpu, { images, shape, labels: new Int32Array(rows), dtype, layout });
    const buffer = batch.buffer as GPUBuffer;
    await widener.reserve(shape);
    const words = await readBuffer(gpu, widener.widen({ buffer, shape, dtype, layout }));
    const expected = widenImages(batch, await batch.read());
    expect(new Float32Array(words.buffer).subarray(0, images.length)).toEqual(expected);
    buffer.destroy();
  });
  await fc.assert(property, { numRuns: 40 });
});

itOnGpu('reaches the end of more images than one dispatch has invocations for', async () => {
  const shape: Shape = [1, 1000, 5600, 3];
  const halves = new Uint16Array(16_800_000);
  halves.set([0x3c00, 0xc000], halves.length - 2);
  const words = await widenHalves(halves, shape);
  expect([...new Float32Array(words.buffer, words.byteLength - 12)]).toEqual([0, 1, -2]);
});

itOnGpu('works in one buffer until a larger one is needed', async () => {
  const own = new ImageWidener(gpu);
  const buffer = await gpu.allocate('halves', 6000, usage);
  const placeOf = async (rows: number) => {
    const shape: Shape = [rows, 5, 5, 3];
    await own.reserve(shape);
    return own.widen({ buffer, shape, dtype: 'float16', layout: 'nhwc' });
  };
  const first = await placeOf(8);
  expect(await placeOf(3)).toBe(first);
  expect(await placeOf(8)).toBe(first);
  expect((await placeOf(9)).size).toBe(9 * 75 * 4);
  own.close();
  gpu.check();
});
