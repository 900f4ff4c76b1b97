import { expect } from 'vitest';
import { globals } from 'webgpu';
import { listAdapters } from '../../backends/gpu/device/adapter.ts';
import { bufferUsage, Gpu, OutOfMemoryError } from '../../backends/gpu/device/device.ts';
import { itOnGpu } from '../support/gpu.ts';

itOnGpu('is shared by all who open it, and ends with the last', async () => {
  const [first, second] = await Promise.all([Gpu.open(), Gpu.open()]);
  expect(second.device).toBe(first.device);
  first.close();
  second.check();
  second.close();
  const next = await Gpu.open();
  expect(next.device).not.toBe(first.device);
  next.close();
});

itOnGpu('has all of its adapter that is of use: limits, float16, subgroups', async () => {
  const gpu = await Gpu.open();
  const { features, limits } = gpu.capabilities;
  for (const [name, limit] of Object.entries(limits))
    expect([name, gpu.device.limits[name as keyof typeof limits]]).toEqual([name, limit]);
  const wanted = ['shader-f16', 'timestamp-query', 'subgroups', 'chromium-experimental-subgroup-matrix'];
  const offered = wanted.filter((name) => features.includes(name));
  expect(wanted.filter((name) => gpu.device.features.has(name))).toEqual(offered);
  expect(gpu.adapter.hasFloat16).toBe(features.includes('shader-f16'));
  gpu.close();
});

itOnGpu('rejects what waits for a submit on a device that is lost', async () => {
  const gpu = await Gpu.open();
  const submit = () => {
    gpu.device.queue.submit([gpu.device.createCommandEncoder().finish()]);
    return gpu.done();
  };
  const before = submit();
  gpu.device.destroy();
  await expect(before).rejects.toMatchObject({ code: 'DEVICE_LOST' });
  await expect(submit()).rejects.toMatchObject({ code: 'DEVICE_LOST' });
  gpu.close();
});

itOnGpu('is found by its place in the list and by a part of its name', async () => {
  const [adapter] = await listAdapters();
  for (const choice of ['0', adapter?.name.slice(1, 5).toUpperCase()]) {
    const gpu = await Gpu.open(choice);
    expect(gpu.adapter.name).toContain(adapter?.name.slice(0, 5));
    gpu.close();
  }
  await expect(Gpu.open('no such adapter')).rejects.toThrow(
    `no GPU adapter 'no such adapter'; there are: 0 ${adapter?.name}`,
  );
});

itOnGpu('says that it is lost to all who wait, and can be opened again', async () => {
  const gpu = await Gpu.open();
  const waiting = gpu.wait(new Promise(() => {}));
  gpu.device.destroy();
  await expect(waiting).rejects.toMatchObject({ code: 'DEVICE_LOST' });
  expect(() => gpu.check()).toThrow('is lost');
  gpu.close();
  (await Gpu.open()).close();
});

itOnGpu('takes care of what is waited for after the device was lost', async () => {
  const gpu = await Gpu.open();
  gpu.device.destroy();
  await gpu.device.lost;
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  const aborted = new Promise((_, reject) => setImmediate(() => reject(new Error('aborted'))));
  await expect(gpu.wait(aborted)).rejects.toMatchObject({ code: 'DEVICE_LOST' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
  gpu.close();
});

itOnGpu('reports a command that is wrong', async () => {
  const gpu = await Gpu.open();
  const code = '@compute @workgroup_size(1) fn main() { no_such_function(); }';
  gpu.device.createShaderModule({ code });
  await expect(gpu.wait(new Promise(() => {}))).rejects.toMatchObject({ code: 'GPU_COMMAND' });
  gpu.close();
});

itOnGpu('names the buffer that there is no memory for, and its size', async () => {
  const gpu = await Gpu.open();
  await expect(gpu.allocate('the batch', 2 ** 45, bufferUsage.STORAGE)).rejects.toThrow(
    /no GPU memory for the batch \(33554432\.0 MiB\)/,
  );
  gpu.close();
});

const { GPUUncapturedErrorEvent: UncapturedErrorEvent } = globals as {
  GPUUncapturedErrorEvent: typeof GPUUncapturedErrorEvent;
};

itOnGpu('tells a lack of memory from a wrong command', async () => {
  const gpu = await Gpu.open();
  const error = new OutOfMemoryError('the driver is out of it');
  // what the driver reports where it is out of memory, which is not to be had in a test
  gpu.device.dispatchEvent(new UncapturedErrorEvent('uncapturederror', { error }));
  expect(() => gpu.check()).toThrow('no GPU memory');
  expect(gpu.failure).toMatchObject({ code: 'OUT_OF_MEMORY' });
  gpu.close();
});

itOnGpu('can be shared by its device, and knows its buffers', async () => {
  const [gpu, other] = await Promise.all([Gpu.open(), Gpu.open('0')]);
  const same = Gpu.share(gpu.device);
  const buffer = await gpu.allocate('four bytes', 4, bufferUsage.STORAGE);
  expect([same.owns(buffer), other.owns(buffer)]).toEqual([true, false]);
  gpu.close();
  same.check();
  same.close();
  await gpu.device.lost;
  expect(() => Gpu.share(gpu.device)).toThrow('is lost');
  other.close();
});
