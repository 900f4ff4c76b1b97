import { BackendError, reasonOf } from '../../../src/core/errors.ts';
import type { Gpu } from './device.ts';

/** A compute shader to compile. */
export interface PipelineDescription {
  /** What it computes, for the message where it does not compile. */
  readonly name: string;
  readonly code: string;
  readonly entryPoint: string;
  readonly layout: GPUPipelineLayout | 'auto';
}

/**
 * Compiles all, as many at a time as the driver likes. Throws the error of the first that does not compile once none is
 * being compiled any more.
 *
 * @param onProgress hears after each how many are compiled
 */
export async function compilePipelines(
  gpu: Gpu,
  descriptions: readonly PipelineDescription[],
  onProgress: (compiled: number) => void = () => {},
): Promise<GPUComputePipeline[]> {
  gpu.check();
  let compiled = 0;
  const compiling = descriptions.map(async (description) => {
    const pipeline = await compile(gpu, description);
    onProgress(++compiled);
    return pipeline;
  });
  await gpu.wait(Promise.allSettled(compiling));
  return Promise.all(compiling);
}

async function compile(gpu: Gpu, description: PipelineDescription): Promise<GPUComputePipeline> {
  const { name: label, code, entryPoint, layout } = description;
  const { device } = gpu;
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label, code });
  const error = await device.popErrorScope();
  if (error !== null) throw shaderError(gpu, label, await firstMessage(module), error);
  const compute = { module, entryPoint };
  const creating = device.createComputePipelineAsync({ label, layout, compute });
  return creating.catch((cause: unknown) => {
    throw shaderError(gpu, label, firstLine(reasonOf(cause)), cause);
  });
}

/** The compiler's, with line and column. */
async function firstMessage(module: GPUShaderModule): Promise<string> {
  const { messages } = await module.getCompilationInfo();
  const first = messages.find(({ type }) => type === 'error');
  return first === undefined ? 'no reason given' : `${first.lineNum}:${first.linePos} ${first.message}`;
}

const firstLine = (message: string): string => message.split('\n', 1)[0] ?? '';

const shaderError = ({ adapter }: Gpu, name: string, message: string, cause: unknown): BackendError =>
  new BackendError('GPU_SHADER', `the shader ${name} does not compile on ${adapter.name}: ${message}`, {
    cause,
  });
