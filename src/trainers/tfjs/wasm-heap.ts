import { readFile } from 'node:fs/promises';
import type { KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs';
import { TrainerError } from '../../core/errors.ts';
import type { Tf } from './tf.ts';

/** What we use of tfjs's WebAssembly backend: its memory, and where a tensor lies in it. */
interface WasmBackend extends KernelBackend {
  readonly wasm: { readonly asm?: { readonly memory?: WebAssembly.Memory } };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  makeOutput(shape: readonly number[], dtype: 'float32'): TensorInfo;
}

/** A kernel of wasm/*.as.ts; its arguments are addresses and numbers: inputs, numbers, scratch, outputs. */
type Kernel = (...values: number[]) => void;

interface KernelCall {
  readonly inputs: readonly TensorInfo[];
  readonly numbers: readonly number[];
  readonly outputs: readonly (readonly number[])[];
  /** Number of f32 that the kernel may write to while it runs. */
  readonly scratch?: number;
}

/** Our kernels on tfjs's memory. */
export interface WasmHeap {
  run(name: string, call: KernelCall): TensorInfo[];
  /** A kernel's output as a tensor, which belongs to the current tidy. */
  toTensor(info: TensorInfo): Tensor;
}

/** Instantiates our kernels on the memory of tfjs's wasm backend, which must be the current one. */
export async function openWasmHeap(tf: Tf): Promise<WasmHeap> {
  const backend = tf.backend() as WasmBackend;
  const memory = backend.wasm.asm?.memory;
  if (memory === undefined) {
    const reason = "the memory of tfjs's wasm backend was not found: this needs tfjs-backend-wasm 4.22";
    throw new TrainerError('TFJS_BACKEND', `tfjs: ${reason}`);
  }
  const module = await WebAssembly.compile(await readFile(new URL('./kernels.wasm', import.meta.url)));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const kernels = exports as Record<string, Kernel>;
  return {
    run: (name, call) => runKernel(backend, kernels[name] as Kernel, call),
    toTensor: (info) => tf.engine().makeTensorFromTensorInfo(info),
  };
}

function runKernel(backend: WasmBackend, kernel: Kernel, call: KernelCall): TensorInfo[] {
  const address = ({ dataId }: TensorInfo): number => backend.dataIdMap.get(dataId).memoryOffset;
  const outputs = call.outputs.map((shape) => backend.makeOutput(shape, 'float32'));
  const scratch = call.scratch === undefined ? [] : [backend.makeOutput([call.scratch], 'float32')];
  kernel(...call.inputs.map(address), ...call.numbers, ...scratch.map(address), ...outputs.map(address));
  for (const { dataId } of scratch) backend.disposeData(dataId);
  return outputs;
}
