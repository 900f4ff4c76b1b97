import { bufferUsage, type Gpu, roundUp } from '../../../backends/gpu/device/device.ts';
import type { Batch } from '../../core/batch.ts';
import { BackendError } from '../../core/errors.ts';
import { mebibytes } from '../../core/mebibytes.ts';

/** A batch's images on the GPU. */
export type GpuImages = Pick<Batch, 'shape' | 'dtype' | 'layout' | 'bufferOffset'> & {
  readonly buffer: GPUBuffer;
};

/** Of the images as they come. */
export const bytesOf = ({ shape, dtype }: Pick<Batch, 'shape' | 'dtype'>): number =>
  elementsOf(shape) * (dtype === 'float16' ? 2 : 4);

/**
 * Rewrites images as float32 [n, h, w, 3] for who takes nothing else, in a buffer of its own that is used again. float16
 * is widened by integer arithmetic: shaders may take a subnormal for zero.
 */
export class ImageWidener {
  readonly #gpu: Gpu;
  readonly #parameters: GPUBuffer;
  readonly #pipelines = new Map<string, GPUComputePipeline>();
  #widened: GPUBuffer | undefined;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
    const usage = bufferUsage.UNIFORM | bufferUsage.COPY_DST;
    this.#parameters = gpu.device.createBuffer({ label: 'sizes of images to widen', size: 8, usage });
  }

  /** Makes room for images of this shape. To be awaited before `widen`. */
  async reserve(shape: Batch['shape']): Promise<void> {
    const bytes = 4 * elementsOf(shape);
    if (this.#widened !== undefined && this.#widened.size >= bytes) return;
    const { maxStorageBufferBindingSize: most } = this.#gpu.device.limits;
    if (bytes > most) {
      const reason = `a shader of this GPU can use ${mebibytes(most)} at once`;
      throw new BackendError(
        'OUT_OF_MEMORY',
        `no GPU memory for ${purpose} (${mebibytes(bytes)}): ${reason}`,
      );
    }
    const larger = await this.#gpu.allocate(purpose, bytes, bufferUsage.STORAGE | bufferUsage.COPY_SRC);
    this.#widened?.destroy();
    this.#widened = larger;
  }

  /** Where the images are as float32 [n, h, w, 3] for all commands from here to the next call. */
  widen({ buffer, bufferOffset = 0, shape, dtype, layout }: GpuImages): GPUBuffer {
    const { device } = this.#gpu;
    const elements = elementsOf(shape);
    const widened = this.#widened as GPUBuffer;
    const pixels = layout === 'nhwc' ? shape[1] * shape[2] : shape[2] * shape[3];
    device.queue.writeBuffer(this.#parameters, 0, Uint32Array.of(elements, pixels));
    const pipeline = this.#pipelineFor(dtype === 'float16', layout === 'nchw');
    // no more than these: of a large batch's buffer a shader may be able to use a part only
    const images = { buffer, offset: bufferOffset, size: roundUp(bytesOf({ shape, dtype }), 4) };
    const resources = [images, { buffer: widened }, { buffer: this.#parameters }];
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(Math.min(Math.ceil(elements / GROUP), MAX_GROUPS));
    pass.end();
    device.queue.submit([encoder.finish()]);
    return widened;
  }

  close(): void {
    this.#widened?.destroy();
    this.#parameters.destroy();
  }

  #pipelineFor(isHalf: boolean, isPlanar: boolean): GPUComputePipeline {
    const key = `${isHalf} ${isPlanar}`;
    const known = this.#pipelines.get(key);
    if (known !== undefined) return known;
    const { device } = this.#gpu;
    const constants = { isHalf: Number(isHalf), isPlanar: Number(isPlanar) };
    const module = device.createShaderModule({ label: 'widen', code: wgsl });
    const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, constants } });
    this.#pipelines.set(key, pipeline);
    return pipeline;
  }
}

const purpose = 'float32 images of the trainer';

const elementsOf = ([a, b, c, d]: Batch['shape']): number => a * b * c * d;

const GROUP = 256;
/** WebGPU's least limit; an invocation goes on to the next element that no other takes. */
const MAX_GROUPS = 65_535;

const wgsl = /* wgsl */ `
override isHalf: bool;
override isPlanar: bool;

struct Parameters { elements: u32, pixels: u32 }

@group(0) @binding(0) var<storage, read> images: array<u32>;
@group(0) @binding(1) var<storage, read_write> widened: array<u32>;
@group(0) @binding(2) var<uniform> parameters: Parameters;

@compute @workgroup_size(${GROUP})
fn widen(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < parameters.elements; i += groups.x * ${GROUP}u) {
    widened[i] = valueAt(sourceOf(i));
  }
}

// place in [n, 3, h, w] of element i of [n, h, w, 3]
fn sourceOf(i: u32) -> u32 {
  if (!isPlanar) { return i; }
  let pixel = i / 3u;
  let image = pixel / parameters.pixels;
  return (image * 3u + i % 3u) * parameters.pixels + pixel % parameters.pixels;
}

// bits of the float32
fn valueAt(i: u32) -> u32 {
  if (!isHalf) { return images[i]; }
  return fromHalf((images[i / 2u] >> (16u * (i % 2u))) & 0xffffu);
}

fn fromHalf(half: u32) -> u32 {
  let sign = (half & 0x8000u) << 16u;
  let magnitude = half & 0x7fffu;
  if (magnitude >= 0x7c00u) { return sign | 0x7f800000u | (magnitude << 13u); }
  // exponents count from -127 instead of -15
  if (magnitude >= 0x0400u) { return sign | ((magnitude << 13u) + (112u << 23u)); }
  if (magnitude == 0u) { return sign; }
  // a subnormal has its leading one moved to where a normal number's is, which is left out
  let shift = countLeadingZeros(magnitude) - 21u;
  return sign | ((113u - shift) << 23u) | (((magnitude << shift) & 0x03ffu) << 13u);
}
`;
