import { setTimeout as sleep } from 'node:timers/promises';
import { bufferUsage, type Gpu, mapMode } from './device/device.ts';
import { GrowingBuffer } from './device/growing-buffer.ts';

/** Buffers that take one group of images to the device. */
class Flight {
  readonly staging: GrowingBuffer;
  readonly uploaded: GrowingBuffer;
  readonly program: GrowingBuffer;

  constructor(gpu: Gpu) {
    const { COPY_DST, COPY_SRC, MAP_WRITE, STORAGE, UNIFORM } = bufferUsage;
    const most = gpu.device.limits.maxStorageBufferBindingSize;
    this.staging = new GrowingBuffer(gpu, 'images on their way', MAP_WRITE | COPY_SRC);
    this.uploaded = new GrowingBuffer(gpu, 'uploaded images', STORAGE | COPY_DST, most);
    this.program = new GrowingBuffer(gpu, 'programs', STORAGE | UNIFORM | COPY_DST, most);
  }

  get buffers(): GrowingBuffer[] {
    return [this.staging, this.uploaded, this.program];
  }
}

/** What is on the device once the commands before have run. */
export interface Uploaded {
  readonly images: GPUBuffer;
  readonly program: GPUBuffer;
}

/** Two flights: while the device computes on one, the next is filled. */
const FLIGHTS = 2;

// While anything waits for a device, Dawn asks it in every turn of the event loop, which then takes a core: so most of a
// wait, as long as the one before, is slept through.
const SLEPT = 0.75;
const SHORTEST_SLEEP_MS = 2;
const LONGEST_SLEEP_MS = 200;

/** Takes images and programs to the device through memory that both see. */
export class Upload {
  readonly #gpu: Gpu;
  readonly #flights: readonly Flight[];
  #next = 0;
  /** How long the CPU has waited for the device to be done with an upload before. */
  waitedMs = 0;
  #lastWaitMs = 0;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
    this.#flights = Array.from({ length: FLIGHTS }, () => new Flight(gpu));
  }

  /** Waits until the device is done with the last but one upload; then copies, by commands in `encoder`. */
  async send(
    images: readonly { readonly pixels: Uint8Array; readonly at: number }[],
    imageBytes: number,
    program: Uint32Array,
    encoder: GPUCommandEncoder,
  ): Promise<Uploaded> {
    const flight = this.#flights[this.#next] as Flight;
    this.#next = (this.#next + 1) % FLIGHTS;
    const staging = await flight.staging.atLeast(imageBytes + program.byteLength);
    if (staging.mapState === 'unmapped') await this.#map(staging);
    const range = staging.getMappedRange();
    const bytes = Buffer.from(range);
    for (const { pixels, at } of images) asBuffer(pixels).copy(bytes, at);
    new Uint32Array(range, imageBytes, program.length).set(program);
    staging.unmap();
    const [uploaded, programs] = [
      await flight.uploaded.atLeast(imageBytes),
      await flight.program.atLeast(program.byteLength),
    ];
    encoder.copyBufferToBuffer(staging, 0, uploaded, 0, imageBytes);
    encoder.copyBufferToBuffer(staging, imageBytes, programs, 0, program.byteLength);
    return { images: uploaded, program: programs };
  }

  async #map(staging: GPUBuffer): Promise<void> {
    const start = performance.now();
    const asleep = Math.min(SLEPT * this.#lastWaitMs, LONGEST_SLEEP_MS);
    if (asleep >= SHORTEST_SLEEP_MS) await sleep(asleep);
    await this.#gpu.wait(staging.mapAsync(mapMode.WRITE));
    this.#lastWaitMs = performance.now() - start;
    this.waitedMs += this.#lastWaitMs;
  }

  get bytesHeld(): number {
    return this.#flights.flatMap(({ buffers }) => buffers).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  close(): void {
    for (const buffer of this.#flights.flatMap(({ buffers }) => buffers)) buffer.close();
  }
}

/** The same memory. Buffer.copy moves bytes in one piece, where set may go element by element out of shared memory. */
const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
