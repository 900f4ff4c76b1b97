import { afterAll, beforeAll, expect, it } from 'vitest';
import { compilePipelines } from '../../../../backends/gpu/device/compile-pipelines.ts';
import { bufferUsage, type Gpu } from '../../../../backends/gpu/device/device.ts';
import { openNullDevice } from '../../../../backends/gpu/device/null-device.ts';
import { requireLimits } from '../../../../backends/gpu/device/require-limits.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openNullDevice();
});
afterAll(() => gpu.close());

const shader = (name: string, code: string) => ({ name, code, entryPoint: 'main', layout: 'auto' as const });
const main = (body: string) => `@compute @workgroup_size(1) fn main() { ${body} }`;

it('has the features that the shaders of all vendors need', () => {
  const features = ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'];
  expect([...gpu.device.features]).toEqual(expect.arrayContaining(features));
  expect(gpu.capabilities.features).toEqual(expect.arrayContaining(features));
  expect(gpu.capabilities.languageFeatures).toContain('immediate_address_space');
});

it('names each limit that is too low, what is needed and what there is', () => {
  requireLimits(gpu, { maxImmediateSize: 64, maxBufferSize: 2 ** 28 });
  const needed = { maxImmediateSize: 64, maxBufferSize: 2 ** 28 + 4, maxStorageBuffersPerShaderStage: 9 };
  const lacking =
    'maxBufferSize of 268435460 is needed, it offers 268435456; maxStorageBuffersPerShaderStage of 9 is needed, it offers 8';
  expect(() => requireLimits(gpu, needed)).toThrow(lacking);
  expect(() => requireLimits(gpu, { maxBufferSize: Number.NaN })).toThrow(
    expect.objectContaining({ code: 'GPU_LIMIT' }),
  );
});

it('allocates all buffers or none, and names them where there is no memory', async () => {
  const usage = bufferUsage.STORAGE;
  const request = (purpose: string) => ({ purpose, bytes: 200 * 2 ** 20, usage });
  const three = ['weights', 'activations', 'gradients'].map(request);
  // the null backend has 512 MiB
  for (let attempt = 0; attempt < 2; attempt++)
    await expect(gpu.allocateAll(three)).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: expect.stringContaining(
        'no GPU memory for weights (200.0 MiB), activations (200.0 MiB), gradients (200.0 MiB): the driver has not',
      ),
    });
  const two = await gpu.allocateAll(three.slice(1));
  expect(two.map(({ label, size }) => [label, size])).toEqual([
    ['activations', 200 * 2 ** 20],
    ['gradients', 200 * 2 ** 20],
  ]);
  for (const buffer of two) buffer.destroy();
});

it('names of several buffers the one that is larger than any can be', async () => {
  const usage = bufferUsage.STORAGE;
  const requests = [
    { purpose: 'weights', bytes: 4, usage },
    { purpose: 'activations', bytes: 2 ** 30, usage },
  ];
  await expect(gpu.allocateAll(requests)).rejects.toThrow(
    /^no GPU memory for activations \(1024\.0 MiB\): the largest buffer is 256\.0 MiB$/,
  );
});

it('compiles pipelines in order and says how far it is', async () => {
  const heard: number[] = [];
  const shaders = ['one', 'two', 'three'].map((name) => shader(name, main('')));
  const pipelines = await compilePipelines(gpu, shaders, (compiled) => heard.push(compiled));
  expect(pipelines.map(({ label }) => label)).toEqual(['one', 'two', 'three']);
  expect(heard).toEqual([1, 2, 3]);
});

it.each([
  ['whose code is wrong', main('no_such();'), "1:41 unresolved call target 'no_such'"],
  ['without its entry point', main('').replace('main', 'other'), 'Entry point ""main"" doesn\'t exist'],
  [
    'that needs more than the device has',
    `var<workgroup> a: array<f32, 8192>; ${main('a[0] = 1;')}`,
    'The total use of workgroup storage (32768 bytes)',
  ],
])('names a shader %s, and is of use afterwards', async (_, code, reason) => {
  const shaders = [shader('good', main('')), shader('bad', code)];
  await expect(compilePipelines(gpu, shaders)).rejects.toMatchObject({
    code: 'GPU_SHADER',
    message: expect.stringContaining(`the shader bad does not compile on null: ${reason}`),
  });
  await gpu.done();
});

it('rejects whatever waits for it when it is lost, and all that is asked later', async () => {
  const lost = await openNullDevice();
  const ask = () => [
    compilePipelines(lost, [shader('good', main(''))]),
    lost.allocateAll([{ purpose: 'weights', bytes: 4, usage: bufferUsage.STORAGE }]),
    lost.done(),
  ];
  const waiting = ask();
  lost.device.destroy();
  for (const promise of waiting) await expect(promise).rejects.toMatchObject({ code: 'DEVICE_LOST' });
  lost.device.queue.submit([lost.device.createCommandEncoder().finish()]);
  for (const promise of ask()) await expect(promise).rejects.toMatchObject({ code: 'DEVICE_LOST' });
  lost.close();
});
