import { globals } from 'webgpu';
import { BackendError, reasonOf } from '../../../src/core/errors.ts';
import { mebibytes } from '../../../src/core/mebibytes.ts';
import { type AdapterDescription, adapterAdvice, type FoundAdapter, findAdapter } from './adapter.ts';
import { type Capabilities, deviceDescriptor } from './capabilities.ts';

/** WebGPU's flags, which a browser has as globals. */
export const {
  GPUBufferUsage: bufferUsage,
  GPUMapMode: mapMode,
  GPUOutOfMemoryError: OutOfMemoryError,
} = globals as {
  GPUBufferUsage: typeof GPUBufferUsage;
  GPUMapMode: typeof GPUMapMode;
  GPUOutOfMemoryError: typeof GPUOutOfMemoryError;
};

/** A buffer to allocate. */
export interface BufferRequest {
  /** What it holds, for the message where there is no memory. */
  readonly purpose: string;
  readonly bytes: number;
  readonly usage: GPUBufferUsageFlags;
}

/**
 * An open GPU device. All who open the same adapter share one, so that a trainer can use batches where they are. The
 * one place that creates devices.
 */
export class Gpu {
  readonly adapter: AdapterDescription;
  /** What the adapter can compute. The device has it, as far as it is of use here. */
  readonly capabilities: Capabilities;
  readonly device: GPUDevice;
  readonly #failed: Promise<never>;
  /** Its buffers: WebGPU cannot be asked whose a buffer is. */
  readonly #buffers = new WeakSet<GPUBuffer>();
  #failure: BackendError | undefined;
  /** Has the next who asks for this adapter open it anew. */
  readonly #forget: () => void;
  #users = 0;

  private constructor(found: FoundAdapter, device: GPUDevice, forget: () => void) {
    this.adapter = found.description;
    this.capabilities = found.capabilities;
    this.device = device;
    this.#forget = forget;
    this.#failed = new Promise((_, reject) => {
      const fail = (error: BackendError) => {
        this.#failure ??= error;
        reject(error);
        forget();
      };
      device.lost.then((info) => fail(this.#lostError(info)));
      // a shader or a command that is wrong does nothing else: results would be silently garbage
      device.addEventListener('uncapturederror', ({ error }) => fail(this.#commandError(error)));
    });
    this.#failed.catch(() => {});
    owners.set(device, this);
  }

  /** @param choice place in the list of adapters, or a part of the name; left out: the fastest */
  static async open(choice?: string): Promise<Gpu> {
    const key = choice ?? '';
    const opening =
      opened.get(key) ??
      Gpu.#create(choice, () => {
        if (opened.get(key) === opening) opened.delete(key);
      });
    opened.set(key, opening);
    // the next to ask may find a driver installed
    opening.catch(() => opened.delete(key));
    const gpu = await opening;
    gpu.check();
    gpu.#users++;
    return gpu;
  }

  /** For one more user of a device that is open. */
  static share(device: GPUDevice): Gpu {
    const gpu = owners.get(device);
    if (gpu === undefined)
      throw new BackendError('FOREIGN_DEVICE', 'the GPU device is not one that millrace opened');
    gpu.check();
    gpu.#users++;
    return gpu;
  }

  static async #create(choice: string | undefined, forget: () => void): Promise<Gpu> {
    const found = await findAdapter(choice);
    if (found === undefined)
      throw new BackendError('NO_ADAPTER', `WebGPU finds no GPU adapter: ${adapterAdvice()}`);
    return Gpu.#on(found, forget);
  }

  /** For one user, who has found the adapter. */
  static async openAlone(found: FoundAdapter): Promise<Gpu> {
    const gpu = await Gpu.#on(found, () => {});
    gpu.#users++;
    return gpu;
  }

  static async #on(found: FoundAdapter, forget: () => void): Promise<Gpu> {
    const { adapter, description } = found;
    const device = await adapter.requestDevice(deviceDescriptor(adapter)).catch((cause: unknown) => {
      const message = `the GPU adapter ${description.name} gives no device: ${reasonOf(cause)}`;
      throw new BackendError('NO_DEVICE', message, { cause });
    });
    return new Gpu(found, device, forget);
  }

  /** Why the device is of no use any more. */
  get failure(): BackendError | undefined {
    return this.#failure;
  }

  /** Throws where the device is of no use any more. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The promise's value, or the error by which the device is lost in the meantime: nothing waits for ever. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    // also where the device has failed already: nobody else takes what becomes of the promise then
    const value = await Promise.race([this.#failed, promise]);
    this.check();
    return value;
  }

  /** Resolves when the device has done everything that was submitted before. */
  async done(): Promise<void> {
    await this.wait(this.device.queue.onSubmittedWorkDone());
  }

  /** A buffer at once; where there is no memory for it the device fails, and all that waits for it. */
  create(purpose: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.device.createBuffer({ label: purpose, size: roundUp(bytes, 4), usage });
    this.#buffers.add(buffer);
    return buffer;
  }

  /** A buffer of its own for `purpose`, whose name stands in the error where there is no memory for it. */
  async allocate(purpose: string, bytes: number, usage: GPUBufferUsageFlags): Promise<GPUBuffer> {
    const [buffer] = await this.allocateAll([{ purpose, bytes, usage }]);
    return buffer as GPUBuffer;
  }

  /** All buffers, in order, or none: where there is no memory for all, the error names them. */
  async allocateAll(requests: readonly BufferRequest[]): Promise<GPUBuffer[]> {
    this.check();
    const { device } = this;
    const most = mebibytes(device.limits.maxBufferSize);
    const large = requests.filter(({ bytes }) => bytes > device.limits.maxBufferSize);
    if (large.length > 0) throw noMemory(large, `the largest buffer is ${most}`);
    device.pushErrorScope('out-of-memory');
    const buffers = requests.map(({ purpose, bytes, usage }) => this.create(purpose, bytes, usage));
    const error = await this.wait(device.popErrorScope());
    if (error === null) return buffers;
    for (const buffer of buffers) buffer.destroy();
    throw noMemory(requests, `the driver has not got that; the largest buffer is ${most}`);
  }

  /** Whether the buffer was made here: on this device, and not on another. */
  owns(buffer: GPUBuffer): boolean {
    return this.#buffers.has(buffer);
  }

  /** Gives the device back. It ends when nobody uses it. */
  close(): void {
    if (--this.#users > 0) return;
    this.#forget();
    this.device.destroy();
  }

  #lostError({ reason, message }: GPUDeviceLostInfo): BackendError {
    const why = message || reason || 'no reason given';
    return new BackendError('DEVICE_LOST', `the GPU device ${this.adapter.name} is lost: ${why}`);
  }

  #commandError(error: GPUError): BackendError {
    if (error instanceof OutOfMemoryError)
      return new BackendError('OUT_OF_MEMORY', `no GPU memory on ${this.adapter.name}: ${error.message}`);
    return new BackendError('GPU_COMMAND', `a GPU command failed on ${this.adapter.name}: ${error.message}`);
  }
}

const opened = new Map<string, Promise<Gpu>>();
const owners = new WeakMap<GPUDevice, Gpu>();

function noMemory(requests: readonly BufferRequest[], reason: string): BackendError {
  const wanted = requests.map(({ purpose, bytes }) => `${purpose} (${mebibytes(bytes)})`).join(', ');
  return new BackendError('OUT_OF_MEMORY', `no GPU memory for ${wanted}: ${reason}`);
}

export const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;
