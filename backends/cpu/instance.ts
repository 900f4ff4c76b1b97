import { BackendError } from '../../src/core/errors.ts';
import { compiledOnce } from './compiled-once.ts';

// What Node's own types leave out and the DOM's would bring along with everything else of a browser.
declare global {
  namespace WebAssembly {
    interface Module {}
    const Module: new (bytes: Uint8Array) => Module;
    interface Memory {
      readonly buffer: ArrayBuffer;
      grow(pages: number): number;
    }
    const Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => Memory;
    type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    interface Instance {
      readonly exports: Record<string, unknown>;
    }
    const Instance: new (module: Module, imports?: Imports) => Instance;
    function compile(bytes: Uint8Array): Promise<Module>;
    function instantiate(module: Module, imports: Imports): Promise<Instance>;
  }
}

/** The WASM kernels: exports take 32-bit numbers and addresses. */
export type KernelExports = Readonly<Record<string, (...args: number[]) => void>>;

export interface KernelInstance {
  readonly kernels: KernelExports;
  readonly memory: WebAssembly.Memory;
}

/** The export of this name. */
export function kernelNamed(kernels: KernelExports, name: string): (...args: number[]) => void {
  const kernel = kernels[name];
  if (kernel === undefined) throw new BackendError('UNKNOWN_KERNEL', `cpu: there is no WASM export ${name}`);
  return kernel;
}

const compiledKernels = compiledOnce(new URL('./kernels.wasm', import.meta.url));

/** A new instance, with its own memory, of the module that build-wasm.mjs makes of all `*.as.ts`. */
export async function instantiateKernels(): Promise<KernelInstance> {
  const { exports } = await WebAssembly.instantiate(await compiledKernels(), { env: { abort } });
  return {
    kernels: exports as KernelExports,
    memory: exports['memory'] as WebAssembly.Memory,
  };
}

function abort(): never {
  throw new BackendError('KERNEL_ABORTED', 'cpu: a WASM kernel called abort');
}
