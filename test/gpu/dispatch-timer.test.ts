import { expect } from 'vitest';
import { bufferUsage, Gpu } from '../../backends/gpu/device/device.ts';
import { readBack } from '../../backends/gpu/device/read-back.ts';
import { DispatchTimer } from '../../backends/gpu/dispatch-timer.ts';
import { KnownTables } from '../../backends/gpu/known-tables.ts';
import { prepareImage } from '../../backends/gpu/prepared-image.ts';
import { Processor } from '../../backends/gpu/processor.ts';
import { resizeCall } from '../../backends/kernels/resample/calls.ts';
import { Statistic, statisticsLut } from '../../backends/kernels/statistics-lut/statistics-lut.ts';
import type { TensorFormat } from '../../src/core/image.ts';
import { itOnGpu } from '../support/gpu.ts';
import { noise } from '../support/images.ts';

const size = { width: 40, height: 30 };
const target = { width: 8, height: 6 };
const format: TensorFormat = { dtype: 'float32', layout: 'nhwc', mean: [0, 0, 0], std: [1, 1, 1] };
const tables = new KnownTables();
const images = Array.from({ length: 4 }, (_, i) =>
  prepareImage(
    {
      pixels: noise(size, i).data,
      size,
      calls: [
        resizeCall(size, target, 'bicubic'),
        statisticsLut({ statistic: Statistic.equalize, factor: 0 }),
      ],
    },
    tables,
  ),
);

async function tensorOf(gpu: Gpu, processor: Processor): Promise<ArrayBuffer> {
  const { COPY_SRC, STORAGE } = bufferUsage;
  const bytes = images.length * target.width * target.height * 3 * 4;
  const buffer = await gpu.allocate('a tensor', bytes, STORAGE | COPY_SRC);
  await processor.run(images, { format, buffer });
  return readBack(gpu, gpu.device.createCommandEncoder(), buffer, 0, bytes).finally(() => buffer.destroy());
}

itOnGpu('gives a time above zero for the upload and for each dispatch, and changes no result', async () => {
  const gpu = await Gpu.open();
  const timer = await DispatchTimer.open(gpu);
  const timed = await Processor.open(gpu, {}, timer);
  const plain = await Processor.open(gpu);
  const expected = await tensorOf(gpu, plain);
  for (let run = 0; run < 2; run++) {
    expect(await tensorOf(gpu, timed)).toEqual(expected);
    const times = timer.take();
    expect(times.map(({ work }) => work)).toEqual(['upload', ...timed.schedule.dispatches]);
    for (const { milliseconds } of times) expect(milliseconds).toBeGreaterThan(0);
  }
  expect(timed.counts.dispatches).toBe(2 * plain.counts.dispatches);
  for (const resource of [timed, plain, timer, gpu]) resource.close();
});

itOnGpu('adds the times of all groups of a batch that is split', async () => {
  const gpu = await Gpu.open();
  const timer = await DispatchTimer.open(gpu);
  const processor = await Processor.open(gpu, { images: 2 }, timer);
  await tensorOf(gpu, processor);
  const { dispatches } = processor.schedule;
  expect(timer.take().map(({ work }) => work)).toEqual(['upload', ...dispatches, 'upload', ...dispatches]);
  for (const resource of [processor, timer, gpu]) resource.close();
});

/** The encoder, which also notes how many dispatches each of its passes has. */
function counting(encoder: GPUCommandEncoder): { encoder: GPUCommandEncoder; dispatches: number[] } {
  const dispatches: number[] = [];
  const countIn = (pass: GPUComputePassEncoder, index: number) => {
    const dispatch = pass.dispatchWorkgroups.bind(pass);
    pass.dispatchWorkgroups = (...workgroups) => {
      dispatches[index] = (dispatches[index] ?? 0) + 1;
      dispatch(...workgroups);
    };
    return pass;
  };
  const begin = encoder.beginComputePass.bind(encoder);
  encoder.beginComputePass = (descriptor) => countIn(begin(descriptor), dispatches.push(0) - 1);
  return { encoder, dispatches };
}

itOnGpu('times a batch that is done several times, whose result stays the same', async () => {
  const gpu = await Gpu.open();
  const timer = await DispatchTimer.open(gpu, 3);
  const [timed, plain] = [await Processor.open(gpu, {}, timer), await Processor.open(gpu)];
  expect(await tensorOf(gpu, timed)).toEqual(await tensorOf(gpu, plain));
  const { dispatches } = timed.schedule;
  expect(timer.take().map(({ work }) => work)).toEqual([
    'upload',
    ...dispatches,
    ...dispatches,
    ...dispatches,
  ]);
  expect(timed.counts.dispatches).toBe(3 * plain.counts.dispatches);
  for (const resource of [timed, plain, timer, gpu]) resource.close();
});

itOnGpu('notes moments in passes of one dispatch, since Metal notes 0 for empty ones', async () => {
  const gpu = await Gpu.open();
  const timer = await DispatchTimer.open(gpu);
  const { encoder, dispatches } = counting(gpu.device.createCommandEncoder());
  timer.start(encoder);
  timer.mark(encoder, 'upload');
  expect(dispatches).toEqual([1, 1]);
  gpu.device.queue.submit([encoder.finish()]);
  await timer.read();
  expect(timer.take()).toEqual([{ work: 'upload', milliseconds: expect.any(Number) }]);
  for (const resource of [timer, gpu]) resource.close();
});
