import { provideGlobals, withNavigatorGpu } from '../../../backends/gpu/device/browser-globals.ts';
import { Gpu } from '../../../backends/gpu/device/device.ts';
import type { Tf } from './tf.ts';
import { registerWebgpuKernels } from './webgpu-kernels.ts';
import { ImageWidener } from './widen.ts';

/** tfjs's backend on a GPU, for one user. */
export interface TfjsOnGpu {
  /** The backend's name in tfjs's registry. */
  readonly backend: string;
  readonly gpu: Gpu;
  readonly widener: ImageWidener;
  flush(): void;
  close(): void;
}

/** @param device of the gpu data backend; undefined: the fastest adapter's */
export async function openOnGpu(tf: Tf, device: GPUDevice | undefined): Promise<TfjsOnGpu> {
  const gpu = device === undefined ? await Gpu.open() : Gpu.share(device);
  try {
    const { name, flush } = await gpu.wait(backendOn(tf, gpu.device));
    const widener = new ImageWidener(gpu);
    const close = () => {
      widener.close();
      gpu.close();
    };
    return { backend: name, gpu, widener, flush, close };
  } catch (error) {
    gpu.close();
    throw error;
  }
}

interface WebgpuBackend {
  readonly name: string;
  /** Hands everything that was computed so far to the GPU's queue: tfjs collects commands. */
  flush(): void;
}

const registered = new WeakMap<GPUDevice, Promise<WebgpuBackend>>();
let count = 0;

/**
 * tfjs's backend on a device, which lives as long as the device. tfjs keeps one backend of a name a process, so each
 * device's has a name of its own: trainers on several devices do not disturb each other.
 */
function backendOn(tf: Tf, device: GPUDevice): Promise<WebgpuBackend> {
  const known = registered.get(device);
  if (known !== undefined) return known;
  const registering = register(tf, device, `webgpu-${++count}`);
  registered.set(device, registering);
  registering.catch(() => registered.delete(device));
  return registering;
}

async function register(tf: Tf, device: GPUDevice, name: string): Promise<WebgpuBackend> {
  provideGlobals(['GPUBuffer', 'GPUBufferUsage', 'GPUMapMode', 'GPUTexture']);
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  const backend = withNavigatorGpu(() => new WebGPUBackend(device, device.adapterInfo));
  tf.copyRegisteredKernels('webgpu', name);
  registerWebgpuKernels(tf, name);
  // never what tfjs itself chooses
  tf.registerBackend(name, () => backend, 0);
  await tf.setBackend(name);
  void device.lost.then(() => unregister(tf, name));
  return { name, flush: () => flush(backend as unknown as Recorder) };
}

/** What we use of the backend that its type hides. */
interface Recorder {
  readonly commandEncoder: GPUCommandEncoder | null;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

function flush(recorder: Recorder): void {
  if (recorder.commandEncoder === null) return;
  recorder.endComputePassEncoder();
  recorder.submitQueue();
}

function unregister(tf: Tf, name: string): void {
  tf.removeBackend(name);
  for (const { kernelName } of tf.getKernelsForBackend(name)) tf.unregisterKernel(kernelName, name);
}
