import type { Gpu } from './device/device.ts';
import { finishModule } from './wgsl/finish-module.ts';
import { applyModule, measureModule, resampleModule } from './wgsl/modules.ts';

const modules = {
  resampleFirst: resampleModule,
  resampleSecond: resampleModule,
  measureImages: measureModule,
  makeTables: measureModule,
  apply: applyModule,
  finish: finishModule,
  finishErased: finishModule,
  finishOdd: finishModule,
} as const;

export const writesTensor = (entryPoint: string): boolean => entryPoint.startsWith('finish');

/** Names of the dispatches: entry points of the shaders. */
export type EntryPoint = keyof typeof modules;

export interface Pipelines {
  readonly entryPoints: Readonly<Record<EntryPoint, GPUComputePipeline>>;
  /** Group 0: the buffers of prelude.wgsl.ts a dispatch's block of the program, and bins. Group 1: the tensor. */
  readonly images: GPUBindGroupLayout;
  readonly tensor: GPUBindGroupLayout;
}

// GPUShaderStage.COMPUTE
const COMPUTE = 4;

export async function makePipelines(gpu: Gpu): Promise<Pipelines> {
  const { device } = gpu;
  const images = device.createBindGroupLayout({
    entries: [
      ...(['read-only-storage', 'storage', 'read-only-storage', 'read-only-storage'] as const).map(
        (type, binding) => ({ binding, visibility: COMPUTE, buffer: { type } }),
      ),
      { binding: 4, visibility: COMPUTE, buffer: { type: 'uniform', hasDynamicOffset: true } },
      { binding: 5, visibility: COMPUTE, buffer: { type: 'storage' } },
    ],
  });
  const tensor = device.createBindGroupLayout({
    entries: [{ binding: 0, visibility: COMPUTE, buffer: { type: 'storage' } }],
  });
  const ofImages = device.createPipelineLayout({ bindGroupLayouts: [images] });
  const ofTensor = device.createPipelineLayout({ bindGroupLayouts: [images, tensor] });
  const shaderModules = new Map<string, GPUShaderModule>();
  const moduleOf = (code: string) => {
    const module = shaderModules.get(code) ?? device.createShaderModule({ code });
    shaderModules.set(code, module);
    return module;
  };
  const pipelines = Object.entries(modules).map(async ([entryPoint, code]) => {
    const layout = writesTensor(entryPoint) ? ofTensor : ofImages;
    const compute = { module: moduleOf(code), entryPoint };
    return [entryPoint, await device.createComputePipelineAsync({ layout, compute })] as const;
  });
  const entryPoints = Object.fromEntries(await gpu.wait(Promise.all(pipelines)));
  return { entryPoints: entryPoints as Pipelines['entryPoints'], images, tensor };
}
