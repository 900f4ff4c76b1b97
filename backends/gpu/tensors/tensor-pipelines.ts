import type { Binding } from '../../tensor-kernels/bindings.ts';
import type { TensorCall } from '../../tensor-kernels/tensor-kernel.ts';
import { compilePipelines } from '../device/compile-pipelines.ts';
import type { Gpu } from '../device/device.ts';
import type { DeviceForm } from './device-form.ts';
import { shaderOf } from './shader.ts';

/** A call's pipeline, and the layout that its buffers are bound by. */
export interface CallPipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly bindings: readonly Binding[];
}

/** Told how many shaders are compiled, of how many. */
export type CompileProgress = (done: number, total: number) => void;

interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

const IMMEDIATE_BYTES = 64;

/** The compute pipelines of a device's tensor kernels: one for each text. */
export class TensorPipelines {
  readonly #gpu: Gpu;
  readonly #form: DeviceForm;
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #compiled = new Map<string, Compiled>();

  constructor(gpu: Gpu, form: DeviceForm) {
    this.#gpu = gpu;
    this.#form = form;
  }

  get count(): number {
    return this.#compiled.size;
  }

  /** The calls' pipelines in order. What is not there yet is compiled, all at once. */
  async of(calls: readonly TensorCall[], onProgress: CompileProgress = () => {}): Promise<CallPipeline[]> {
    const shaders = calls.map((call) => ({ name: call.kernel.name, ...shaderOf(call, this.#form) }));
    const missing = new Map(
      shaders.filter(({ code }) => !this.#compiled.has(code)).map((shader) => [shader.code, shader]),
    );
    const descriptions = [...missing.values()].map(({ name, code, bindings }) => ({
      ...{ name, code, entryPoint: 'main', layout: this.#pipelineLayout(bindings) },
    }));
    if (missing.size > 0) onProgress(0, missing.size);
    const pipelines = await compilePipelines(this.#gpu, descriptions, (done) =>
      onProgress(done, missing.size),
    );
    for (const [i, { code, bindings }] of [...missing.values()].entries()) {
      const pipeline = pipelines[i] as GPUComputePipeline;
      this.#compiled.set(code, { pipeline, layout: this.#layoutOf(bindings) });
    }
    return shaders.map(({ code, bindings }) => ({ ...(this.#compiled.get(code) as Compiled), bindings }));
  }

  #pipelineLayout(bindings: readonly Binding[]): GPUPipelineLayout {
    const description: GPUPipelineLayoutDescriptor & { immediateSize: number } = {
      bindGroupLayouts: [this.#layoutOf(bindings)],
      immediateSize: IMMEDIATE_BYTES,
    };
    return this.#gpu.device.createPipelineLayout(description);
  }

  #layoutOf(bindings: readonly Binding[]): GPUBindGroupLayout {
    const types = bindings.map(
      ({ access }): GPUBufferBindingType => (access === 'read' ? 'read-only-storage' : 'storage'),
    );
    const key = types.join();
    const COMPUTE = 4;
    const layout =
      this.#layouts.get(key) ??
      this.#gpu.device.createBindGroupLayout({
        entries: types.map((type, binding) => ({ binding, visibility: COMPUTE, buffer: { type } })),
      });
    this.#layouts.set(key, layout);
    return layout;
  }
}
