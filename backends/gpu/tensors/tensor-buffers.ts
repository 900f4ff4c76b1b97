import { BackendError } from '../../../src/core/errors.ts';
import type { TensorProgram } from '../../tensor-kernels/program.ts';
import { elementBytes, type Tensor, type View } from '../../tensor-kernels/tensor.ts';
import type { ValueReading } from '../../tensor-kernels/tensor-executor.ts';
import { bufferUsage, type Gpu, roundUp } from '../device/device.ts';
import { StagedDownload } from './staged-download.ts';
import { StagedUpload } from './staged-upload.ts';

const { STORAGE, COPY_SRC, COPY_DST } = bufferUsage;
const USAGE = STORAGE | COPY_SRC | COPY_DST;

/** A buffer of somebody else's, and where in it an input begins, in bytes. */
export interface Lent {
  readonly buffer: GPUBuffer;
  readonly offset: number;
}

/** Values to be read: `take` fetches what the commands before `encode` have made, once they are submitted. */
export interface BufferReading {
  encode(encoder: GPUCommandEncoder): void;
  take(): Promise<void>;
}

const bytesIn = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Tensors in a GPU's memory. They stay there until all are closed; those of a program's allocations share memory. */
export class TensorBuffers {
  readonly #gpu: Gpu;
  readonly #isMixed: boolean;
  readonly #buffers = new Map<Tensor, GPUBuffer>();
  /** What programs share, the largest first. */
  readonly #shared: GPUBuffer[] = [];
  readonly #lent = new Map<Tensor, Lent>();
  readonly #upload: StagedUpload;
  readonly #downloads: StagedDownload[] = [];

  /** @param isMixed whether `store` is float16 */
  constructor(gpu: Gpu, isMixed: boolean) {
    this.#gpu = gpu;
    this.#isMixed = isMixed;
    this.#upload = new StagedUpload(gpu);
  }

  /** Makes room for a program's tensors: all that are not there yet, or none. */
  async allocate(program: TensorProgram): Promise<void> {
    const shared = new Set(program.allocations.flat());
    const own = program.tensors.filter((tensor) => !shared.has(tensor) && !this.#buffers.has(tensor));
    // the largest first, so that programs of other sizes share what is there
    const wanted = program.allocations
      .map((tensors) => ({ tensors, bytes: Math.max(...tensors.map((tensor) => this.#bytesOf(tensor))) }))
      .sort((a, b) => b.bytes - a.bytes);
    const missing = wanted.filter(({ bytes }, i) => !((this.#shared[i]?.size ?? 0) >= bytes));
    const created = await this.#gpu.allocateAll([
      ...own.map((tensor) => ({ purpose: tensor.name, bytes: this.#bytesOf(tensor), usage: USAGE })),
      ...missing.map(({ bytes }) => ({ purpose: 'activations', bytes, usage: USAGE })),
    ]);
    for (const [i, tensor] of own.entries()) this.#buffers.set(tensor, created[i] as GPUBuffer);
    this.#shared.push(...created.slice(own.length));
    this.#shared.sort((a, b) => b.size - a.size);
    for (const [i, { tensors }] of wanted.entries())
      for (const tensor of tensors) this.#buffers.set(tensor, this.#shared[i] as GPUBuffer);
  }

  /** Where a view's values lie. A buffer that is lent may end before a tensor that is rounded up. */
  binding({ tensor, offset, size }: View): Required<GPUBufferBinding> {
    const lent = this.#lent.get(tensor);
    const buffer = lent?.buffer ?? this.#buffers.get(tensor);
    if (buffer === undefined)
      throw new BackendError('UNKNOWN_TENSOR', `gpu: ${tensor.name} belongs to no prepared program`);
    const bytes = elementBytes(tensor.element, this.#isMixed);
    const first = (lent?.offset ?? 0) + offset * bytes;
    return { buffer, offset: first, size: Math.min(roundUp(size * bytes, 4), buffer.size - first) };
  }

  /** Has an input read from a buffer of somebody else's, until it is lent another; undefined: from its own. */
  lend(tensor: Tensor, lent: Lent | undefined): void {
    if (lent === undefined) this.#lent.delete(tensor);
    else this.#lent.set(tensor, lent);
  }

  /** What an input is read from, where it was lent a buffer. */
  lentTo(tensor: Tensor): Lent | undefined {
    return this.#lent.get(tensor);
  }

  /** Writes values as they lie in memory: no more than the view has room for, and never memory shared with threads. */
  write(view: View, values: ArrayBufferView<ArrayBuffer>): void {
    const { buffer, offset } = this.binding(view);
    const { byteOffset, byteLength } = values;
    const whole = byteLength - (byteLength % 4);
    this.#gpu.device.queue.writeBuffer(buffer, offset, values.buffer, byteOffset, whole);
    if (whole === byteLength) return;
    const rest = new Uint8Array(4);
    rest.set(new Uint8Array(values.buffer, byteOffset + whole, byteLength - whole));
    this.#gpu.device.queue.writeBuffer(buffer, offset + whole, rest);
  }

  /** Writes a large tensor's values, which may lie in memory that threads share; they are copied at once. */
  send(view: View, values: ArrayBufferView): Promise<void> {
    const { buffer, offset } = this.binding(view);
    return this.#upload.send(values, buffer, offset);
  }

  /** Reads several views at once, after everything submitted before. */
  async read(views: readonly View[]): Promise<ArrayBuffer[]> {
    const copies = views.map(
      ({ size, tensor }) => new Uint8Array(size * elementBytes(tensor.element, this.#isMixed)),
    );
    const reading = await this.reading(views.map((view, i) => ({ view, into: copies[i] as Uint8Array })));
    const encoder = this.#gpu.device.createCommandEncoder();
    reading.encode(encoder);
    this.#gpu.device.queue.submit([encoder.finish()]);
    await reading.take();
    return copies.map(({ buffer }) => buffer);
  }

  /**
   * Prepares to read values. Those that are read with others on their way have another `place`.
   */
  async reading(values: readonly ValueReading[], place = 0): Promise<BufferReading> {
    const downloads = values.map(({ view, into }) => ({ source: this.binding(view), into: bytesIn(into) }));
    const staged = this.#downloads[place] ?? new StagedDownload(this.#gpu);
    this.#downloads[place] = staged;
    await staged.prepare(downloads);
    return { encode: (encoder) => staged.encode(encoder, downloads), take: () => staged.take(downloads) };
  }

  close(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
    for (const buffer of this.#shared) buffer.destroy();
    for (const download of this.#downloads) download.close();
    this.#upload.close();
    this.#buffers.clear();
    this.#lent.clear();
    this.#shared.length = 0;
  }

  #bytesOf({ size, element }: Tensor): number {
    return roundUp(size * elementBytes(element, this.#isMixed), 16);
  }
}
