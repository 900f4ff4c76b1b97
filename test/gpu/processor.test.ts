import fc from 'fast-check';
import { expect } from 'vitest';
import type { EraseBox } from '../../backends/backend.ts';
import { bufferUsage, Gpu } from '../../backends/gpu/device/device.ts';
import { readBack } from '../../backends/gpu/device/read-back.ts';
import type { GroupLimits } from '../../backends/gpu/groups.ts';
import { KnownTables } from '../../backends/gpu/known-tables.ts';
import { type BatchImage, type PreparedImage, prepareImage } from '../../backends/gpu/prepared-image.ts';
import { Processor } from '../../backends/gpu/processor.ts';
import { lut, sameTables } from '../../backends/kernels/lut/lut.ts';
import { resizeCall } from '../../backends/kernels/resample/calls.ts';
import { Statistic, statisticsLut } from '../../backends/kernels/statistics-lut/statistics-lut.ts';
import { referenceBackend } from '../../backends/reference/executor.ts';
import type { Size, TensorFormat } from '../../src/core/image.ts';
import { runOn } from '../support/executors.ts';
import { describeOnGpu, itOnGpu } from '../support/gpu.ts';
import { noise } from '../support/images.ts';

const format: TensorFormat = { dtype: 'float16', layout: 'nhwc', mean: [0, 0, 0], std: [1, 1, 1] };
const small: Size = { width: 5, height: 3 };
const rowBytes = 5 * 3 * 3 * 2;

/** A batch of images of any sizes, all of which end as `target`; pairs are blended. */
function batchOf(
  sizes: readonly Size[],
  seed: number,
  lambda: number | undefined,
  target = small,
): BatchImage[] {
  return sizes.map((size, i) => ({
    pixels: noise(size, seed + i).data,
    size,
    calls: [
      ...(i % 3 === 1 ? [lut({ tables: sameTables((v) => 255 - v) })] : []),
      resizeCall(size, target, i % 2 === 0 ? 'bilinear' : 'bicubic'),
      ...(i % 4 === 2 ? [statisticsLut({ statistic: Statistic.equalize, factor: 0 })] : []),
    ],
    ...(lambda !== undefined && (i ^ 1) < sizes.length && { mix: { partner: i ^ 1, lambda } }),
  }));
}

const sizesOf = (images: readonly BatchImage[]): Size[] => images.map(({ size }) => size);

/** Rows of every kind: left alone, erased, blended with weights of their own, with a box of the partner, erased after that. */
function erasedBatch(target: Size): BatchImage[] {
  const noiseBox: EraseBox = { left: 1, top: 0, width: 3, height: 2, noise: [5, 6] };
  const fillBox: EraseBox = { left: 2, top: 1, width: 2, height: 2, fill: [0.5, -1, 0.25] };
  const box = { left: 0, top: 1, width: 4, height: 2 };
  const boxes = [noiseBox, fillBox];
  const finishes: Partial<BatchImage>[] = [
    {},
    { erase: boxes },
    { mix: { partner: 3, lambda: 0.3, erase: boxes } },
    { mix: { partner: 2, lambda: 0.7 }, erase: boxes },
    { mix: { partner: 5, lambda: 0.4, box } },
    { mix: { partner: 4, lambda: 0.4, box, erase: [noiseBox] }, eraseAfter: [fillBox] },
    { eraseAfter: [noiseBox] },
    {},
  ];
  const sizes = finishes.map((_, i) => size(9 + i, 20 - i));
  return batchOf(sizes, 3, undefined, target).map((image, i) => ({ ...image, ...finishes[i] }));
}

const size = (width: number, height: number): Size => ({ width, height });

/** The same image, with other bytes between its rows. */
function withStride(image: BatchImage, stride: number): BatchImage {
  const { width, height } = image.size;
  const pixels = new Uint8Array(((height - 1) * stride + width) * 3).fill(99);
  for (let y = 0; y < height; y++)
    pixels.set(image.pixels.subarray(y * width * 3, (y + 1) * width * 3), y * stride * 3);
  return { ...image, pixels, stride };
}

function prepared(images: readonly BatchImage[]): PreparedImage[] {
  const tables = new KnownTables();
  return images.map((image) => prepareImage(image, tables));
}

const tensorOf = (gpu: Gpu, images: readonly BatchImage[], limits?: Partial<GroupLimits>, bytes?: number) =>
  tensorOfPrepared(gpu, prepared(images), limits, bytes);

async function tensorOfPrepared(
  gpu: Gpu,
  images: readonly PreparedImage[],
  limits: Partial<GroupLimits> = {},
  bytes = images.length * rowBytes,
) {
  const processor = await Processor.open(gpu, limits);
  const { COPY_SRC, STORAGE } = bufferUsage;
  const buffer = await gpu.allocate('a tensor', bytes, STORAGE | COPY_SRC);
  await processor.run(images, { format, buffer });
  const tensor = await readBack(gpu, gpu.device.createCommandEncoder(), buffer, 0, bytes);
  buffer.destroy();
  processor.close();
  return { tensor: new Uint8Array(tensor), counts: processor.counts };
}

const side = fc.integer({ min: 1, max: 40 });
const sizes = fc.array(fc.record({ width: side, height: side }), { minLength: 1, maxLength: 40 });

describeOnGpu('a processor', () => {
  itOnGpu('gives the same tensor when a batch of images of very different sizes is split', async () => {
    const gpu = await Gpu.open();
    const property = fc.asyncProperty(
      sizes,
      fc.nat(),
      fc.constantFrom(undefined, 0.3),
      async (sizes, seed, lambda) => {
        const images = batchOf(sizes, seed, lambda);
        const whole = await tensorOf(gpu, images);
        // two images of 40 x 40, with all that is made of them
        const split = await tensorOf(gpu, images, { bytes: 2 * 40 * 40 * 4 * 2 });
        const byCount = await tensorOf(gpu, images, { images: 2 });
        expect(whole.counts.submits).toBe(1);
        expect(byCount.counts.submits).toBe(Math.ceil(sizes.length / 2));
        expect(split.tensor).toEqual(whole.tensor);
        expect(byCount.tensor).toEqual(whole.tensor);
      },
    );
    await fc.assert(property, { numRuns: 20 });
    gpu.close();
  });

  itOnGpu(
    'erases and mixes boxes in one dispatch a group, as the reference does, however a batch is split',
    async () => {
      const gpu = await Gpu.open();
      const reference = await referenceBackend.open();
      for (const to of [small, { width: 6, height: 4 }]) {
        const images = erasedBatch(to);
        const bytes = images.length * to.width * to.height * 3 * 2;
        const expected = new Uint8Array(bytes);
        const rows = images.map(({ pixels, size, calls, ...finish }, row) => {
          runOn(reference, row, { data: pixels, ...size }, calls);
          return { row, ...finish };
        });
        await reference.finish(rows, format, expected);
        const plain = await tensorOf(gpu, batchOf(sizesOf(images), 3, 0.3, to), {}, bytes);
        for (const limits of [{}, { images: 2 }]) {
          const { tensor, counts } = await tensorOf(gpu, images, limits, bytes);
          expect(tensor).toEqual(expected);
          if (limits.images === undefined) expect(counts.dispatches).toBe(plain.counts.dispatches);
        }
      }
      await reference.close();
      gpu.close();
    },
  );

  itOnGpu('reads images whose rows lie apart as it reads packed ones', async () => {
    const gpu = await Gpu.open();
    const packed = batchOf([size(31, 20), size(40, 33), size(8, 3)], 4, 0.3);
    const apart = packed.map((image, i) => withStride(image, image.size.width + 1 + 5 * i));
    expect((await tensorOf(gpu, apart)).tensor).toEqual((await tensorOf(gpu, packed)).tensor);
    gpu.close();
  });

  itOnGpu('covers an image of more tiles than one dimension of a grid holds', async () => {
    const gpu = await Gpu.open();
    const processor = await Processor.open(gpu);
    const large = size(33, 263_000);
    const pixels = new Uint8Array(large.width * large.height * 3).map((_, i) => i % 251);
    const inverted = lut({ tables: sameTables((v) => 255 - v) });
    const [image] = prepared([{ pixels, size: large, calls: [inverted] }]);
    const { data } = await processor.runAndRead(image as PreparedImage);
    const isInverted = data.every((value, i) => value === 255 - (pixels[i] as number));
    expect(isInverted && data.length === pixels.length).toBe(true);
    processor.close();
    gpu.close();
  });

  itOnGpu(
    'makes tables by itself where their words have come along with another batch, or with none',
    async () => {
      const gpu = await Gpu.open();
      const images = batchOf([size(31, 20), size(40, 33)], 4, undefined);
      const tables = new KnownTables();
      const first = images.map((image) => prepareImage(image, tables));
      const later = images.map((image) => prepareImage(image, tables));
      expect((await tensorOfPrepared(gpu, later)).tensor).toEqual(
        (await tensorOfPrepared(gpu, first)).tensor,
      );
      gpu.close();
    },
  );

  itOnGpu('says what is too large for the device, and goes on', async () => {
    const gpu = await Gpu.open();
    const images = batchOf([{ width: 400, height: 300 }], 1, undefined);
    await expect(tensorOf(gpu, images, { bytes: 100_000 })).rejects.toThrow(
      /^gpu: the device takes at most 0 MiB at once, and parts of images of 400 x 300 pixels need/,
    );
    expect((await tensorOf(gpu, images)).tensor).toHaveLength(rowBytes);
    gpu.close();
  });

  itOnGpu('keeps batches in order that are begun together', async () => {
    const gpu = await Gpu.open();
    const processor = await Processor.open(gpu);
    const { COPY_SRC, STORAGE } = bufferUsage;
    const buffers = await Promise.all(
      [0, 1, 2, 3, 4].map(() => gpu.allocate('a tensor', rowBytes + 2, STORAGE | COPY_SRC)),
    );
    const images = buffers.map((_, i) => batchOf([{ width: 30 + 10 * i, height: 9 }], i, undefined));
    await Promise.all(
      buffers.map((buffer, i) => processor.run(prepared(images[i] as BatchImage[]), { format, buffer })),
    );
    for (const [i, buffer] of buffers.entries()) {
      const read = await readBack(gpu, gpu.device.createCommandEncoder(), buffer, 0, rowBytes);
      expect(new Uint8Array(read)).toEqual((await tensorOf(gpu, images[i] as BatchImage[])).tensor);
    }
    processor.close();
    gpu.close();
  });
});
