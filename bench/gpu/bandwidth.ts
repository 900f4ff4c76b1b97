import { bufferUsage, type Gpu } from '../../backends/gpu/device/device.ts';
import type { DispatchTimer } from '../../backends/gpu/dispatch-timer.ts';

const MOST_BYTES = 2 ** 28;
const COPIES = 8;
const ROUNDS = 5;

export interface Bandwidth {
  /** Read and written together. */
  readonly bytesPerSecond: number;
  /** Of the buffer that was copied. */
  readonly bytes: number;
  /** How it was copied. */
  readonly way: string;
}

/**
 * How fast the device copies a buffer far larger than its caches: the best of a few rounds, by the driver's copy or by a
 * shader's, whichever is faster.
 * @param timer the device's own clock; without it the wall's
 */
export async function measureCopyBandwidth(gpu: Gpu, timer?: DispatchTimer): Promise<Bandwidth> {
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.device.limits;
  const bytes = Math.min(MOST_BYTES, maxBufferSize, maxStorageBufferBindingSize);
  const { COPY_DST, COPY_SRC, STORAGE } = bufferUsage;
  const from = await gpu.allocate('a buffer to copy', bytes, STORAGE | COPY_SRC);
  const to = await gpu.allocate('a copy', bytes, STORAGE | COPY_DST);
  const ways: Readonly<Record<string, Encode>> = {
    "by the driver's copy": (encoder) => encoder.copyBufferToBuffer(from, 0, to, 0, bytes),
    "by a shader's": await shaderCopy(gpu, from, to),
  };
  try {
    const measured: Bandwidth[] = [];
    for (const [way, copy] of Object.entries(ways)) {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) times.push(await timeCommands(gpu, copy, timer));
      measured.push({ bytes, way, bytesPerSecond: (2 * bytes * COPIES * 1000) / Math.min(...times) });
    }
    return measured.reduce((a, b) => (a.bytesPerSecond >= b.bytesPerSecond ? a : b));
  } finally {
    from.destroy();
    to.destroy();
  }
}

type Encode = (encoder: GPUCommandEncoder) => void;

const THREADS = 256;
const copyShader = /* wgsl */ `
@group(0) @binding(0) var<storage, read> source: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> copy: array<vec4u>;
@compute @workgroup_size(${THREADS})
fn copyWords(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * ${THREADS}u + id.x;
  if (i < arrayLength(&source)) { copy[i] = source[i]; }
}
`;

/** Copies 16 bytes a thread. */
async function shaderCopy({ device }: Gpu, from: GPUBuffer, to: GPUBuffer): Promise<Encode> {
  const module = device.createShaderModule({ code: copyShader });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const entries = [from, to].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const buffers = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const groups = Math.ceil(from.size / 16 / THREADS);
  const rows = Math.ceil(groups / 65_535);
  return (encoder) => {
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, buffers);
    pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
    pass.end();
  };
}

/** Milliseconds that the commands take, encoded `COPIES` times. */
async function timeCommands(gpu: Gpu, encode: Encode, timer: DispatchTimer | undefined): Promise<number> {
  const encoder = gpu.device.createCommandEncoder();
  timer?.start(encoder);
  for (let i = 0; i < COPIES; i++) encode(encoder);
  timer?.mark(encoder, 'upload');
  const start = performance.now();
  gpu.device.queue.submit([encoder.finish()]);
  if (timer === undefined) {
    await gpu.wait(gpu.device.queue.onSubmittedWorkDone());
    return performance.now() - start;
  }
  await timer.read();
  return timer.take().reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}
