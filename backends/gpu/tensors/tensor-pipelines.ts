import type { MatrixForm, Tier } from '../../tensor-kernels/kernel-form.ts';
import type { TensorCall } from '../../tensor-kernels/tensor-kernel.ts';
import type { Gpu } from '../device/device.ts';
import type { Binding } from './bindings.ts';
import { type CallShader, shaderOf } from './shader.ts';

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
  readonly #tier: Tier;
  readonly #matrix: MatrixForm | undefined;
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #compiled = new Map<string, Compiled>();

  constructor(gpu: Gpu, tier: Tier, matrix?: MatrixForm) {
    this.#gpu = gpu;
    this.#tier = tier;
    this.#matrix = matrix;
  }

  get count(): number {
    return this.#compiled.size;
  }

  /** The calls' pipelines in order. What is not there yet is compiled, all at once. */
  async of(calls: readonly TensorCall[], onProgress: CompileProgress = () => {}): Promise<CallPipeline[]> {
    const shaders = calls.map((call) => ({ call, ...shaderOf(call, this.#tier, this.#matrix) }));
    const missing = new Map(
      shaders.filter(({ code }) => !this.#compiled.has(code)).map((shader) => [shader.code, shader]),
    );
    let done = 0;
    onProgress(done, missing.size);
    const compiling = [...missing.values()].map(async (shader) => {
      this.#compiled.set(shader.code, await this.#compile(shader, shader.call.kernel.name));
      onProgress(++done, missing.size);
    });
    await this.#gpu.wait(Promise.all(compiling));
    return shaders.map(({ code, bindings }) => ({ ...(this.#compiled.get(code) as Compiled), bindings }));
  }

  async #compile({ code, bindings }: CallShader, label: string): Promise<Compiled> {
    const { device } = this.#gpu;
    const layout = this.#layoutOf(bindings);
    const description: GPUPipelineLayoutDescriptor & { immediateSize: number } = {
      bindGroupLayouts: [layout],
      immediateSize: IMMEDIATE_BYTES,
    };
    const pipeline = await device.createComputePipelineAsync({
      label,
      layout: device.createPipelineLayout(description),
      compute: { module: device.createShaderModule({ label, code }), entryPoint: 'main' },
    });
    return { pipeline, layout };
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
