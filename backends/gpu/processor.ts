import { bytesPerElement, type RawImage, type TensorFormat } from '../../src/core/image.ts';
import { serially } from '../threads/serially.ts';
import { encodePass, type TensorWork } from './compute-pass.ts';
import { addCounts, noCounts } from './counts.ts';
import { bufferUsage, type Gpu } from './device/device.ts';
import { GrowingBuffer } from './device/growing-buffer.ts';
import { readBack } from './device/read-back.ts';
import type { DispatchTimer } from './dispatch-timer.ts';
import { type Encoded, encodeSteps } from './encode.ts';
import { encodeFinish } from './encode-finish.ts';
import { type Group, type GroupLimits, groupLimits, splitIntoGroups } from './groups.ts';
import { makePipelines, type Pipelines } from './pipelines.ts';
import type { PreparedImage } from './prepared-image.ts';
import { ProgramWords } from './program-words.ts';
import { Resident } from './resident.ts';
import { Schedule } from './schedule.ts';
import { Upload } from './upload.ts';

/** Where a batch's tensor goes: row i is image i. */
export interface TensorTarget {
  readonly format: TensorFormat;
  readonly buffer: GPUBuffer;
}

/** Runs the programs of whole batches on a device, one after the other. */
export class Processor {
  readonly counts = noCounts();
  readonly schedule = new Schedule();
  readonly #gpu: Gpu;
  readonly #pipelines: Pipelines;
  readonly #limits: GroupLimits;
  readonly #timer: DispatchTimer | undefined;
  readonly #upload: Upload;
  readonly #pixels: GrowingBuffer;
  readonly #bins: GrowingBuffer;
  readonly #resident: Resident;
  readonly #words = new ProgramWords();
  readonly #inTurn = serially(<T>(action: () => Promise<T>) => action());

  private constructor(gpu: Gpu, pipelines: Pipelines, limits: GroupLimits, timer: DispatchTimer | undefined) {
    const { COPY_DST, COPY_SRC, STORAGE } = bufferUsage;
    this.#gpu = gpu;
    this.#pipelines = pipelines;
    this.#limits = limits;
    this.#timer = timer;
    this.#upload = new Upload(gpu);
    this.#pixels = new GrowingBuffer(gpu, 'images in the making', STORAGE | COPY_SRC, limits.bytes);
    this.#bins = new GrowingBuffer(gpu, 'histograms', STORAGE | COPY_DST, limits.bytes);
    this.#resident = new Resident(gpu);
  }

  /**
   * @param limits smaller ones than the device's, for tests
   * @param timer measures the commands of each batch, which `run` then waits for
   */
  static async open(gpu: Gpu, limits: Partial<GroupLimits> = {}, timer?: DispatchTimer): Promise<Processor> {
    const pipelines = await makePipelines(gpu);
    return new Processor(gpu, pipelines, { ...groupLimits(gpu), ...limits }, timer);
  }

  /** Submits the commands that make a tensor of images of one size; does not wait for the device. */
  run(images: readonly PreparedImage[], target: TensorTarget): Promise<void> {
    return this.#inTurn(() => this.#run(images, target));
  }

  /** Runs one image's program and fetches the result. */
  runAndRead(image: PreparedImage): Promise<RawImage> {
    return this.#inTurn(() => this.#runAndRead(image)) as Promise<RawImage>;
  }

  async #run(images: readonly PreparedImage[], target: TensorTarget): Promise<void> {
    this.#begin(images);
    const rowBytes = tensorBytes(images[0] as PreparedImage, target.format);
    const waitedMs = this.#upload.waitedMs;
    const sent = { ...noCounts(), batches: 1, images: images.length };
    for (const group of splitIntoGroups(images, rowBytes, this.#limits)) {
      const { encoder, dispatches, bytesUp } = await this.#encode(group, target);
      this.#gpu.device.queue.submit([encoder.finish()]);
      sent.submits++;
      sent.dispatches += dispatches;
      sent.bytesUp += bytesUp;
      await this.#timer?.read();
    }
    sent.waitingMs = this.#upload.waitedMs - waitedMs;
    // at once: counts never hold a part of a batch
    addCounts(this.counts, sent);
  }

  async #runAndRead(image: PreparedImage): Promise<RawImage> {
    this.#begin([image]);
    const [group] = splitIntoGroups([image], 0, this.#limits) as [Group];
    const { encoder, encoded, pixels } = await this.#encode(group, undefined);
    const { resultSize: size } = image.plan;
    const at = (encoded.resultAt[0] as number) * 4;
    const bytes = await readBack(this.#gpu, encoder, pixels, at, size.width * size.height * 4);
    return { ...size, data: packedBytes(new Uint32Array(bytes)) };
  }

  /** Bytes held on the device and in tables here; tensors are not counted. */
  get bytesHeld(): number {
    return this.#upload.bytesHeld + this.#pixels.bytes + this.#bins.bytes + this.#resident.bytesHeld;
  }

  close(): void {
    this.#upload.close();
    this.#pixels.close();
    this.#bins.close();
    this.#resident.close();
  }

  /** Slots for all images of a batch are there before its first group is encoded. */
  #begin(images: readonly PreparedImage[]): void {
    this.#gpu.check();
    this.#resident.makeRoom();
    for (const { plan } of images) this.schedule.place(plan.shaders);
  }

  async #encode(group: Group, target: TensorTarget | undefined) {
    const encoded = encodeSteps(group, this.schedule, this.#resident, this.#words);
    const tensor = target && this.#tensor(group, encoded, target);
    const pixels = await this.#pixels.atLeast(encoded.pixelWords * 4);
    const resident = await this.#resident.upload();
    const encoder = this.#gpu.device.createCommandEncoder();
    this.#timer?.start(encoder);
    const sources = group.images.map(({ pixels }, i) => ({
      pixels,
      at: encoded.uploadAt[i] as number,
    }));
    const program = this.#words.written;
    const { uploadBytes, binWords } = encoded;
    const bins = await this.#bins.atLeast(Math.max(1, binWords) * 4);
    const uploaded = await this.#upload.send(sources, uploadBytes, program, encoder);
    this.#timer?.mark(encoder, 'upload');
    const buffers = this.#bind(this.#pipelines.images, [
      { buffer: uploaded.images },
      { buffer: pixels },
      { buffer: uploaded.program },
      { buffer: resident },
      // a dispatch's block of the program
      { buffer: uploaded.program, size: 16 },
      { buffer: bins },
    ]);
    const work = {
      ...{ buffers, images: group.images.length, dispatches: encoded.dispatches },
      bins: { buffer: bins, bytes: binWords * 4 },
    };
    const dispatches = encodePass(encoder, this.#pipelines, work, tensor, this.#timer);
    return { encoder, encoded, pixels, dispatches, bytesUp: uploadBytes + program.byteLength };
  }

  /** Binds the part of the tensor that the group's rows fill. */
  #tensor(group: Group, encoded: Encoded, { format, buffer }: TensorTarget): TensorWork {
    const start = group.first * tensorBytes(group.images[0] as PreparedImage, format);
    const offset = start - (start % this.#gpu.device.limits.minStorageBufferOffsetAlignment);
    const outputStart = (start - offset) / 4;
    const finish = encodeFinish(group, encoded, format, outputStart, this.#resident, this.#words);
    const size = (outputStart + finish.words) * 4;
    const { width, height } = (group.images[0] as PreparedImage).plan.resultSize;
    const buffers = this.#bind(this.#pipelines.tensor, [{ buffer, offset, size }]);
    return { buffers, ...finish, pixelsOfRow: width * height };
  }

  #bind(layout: GPUBindGroupLayout, buffers: readonly GPUBufferBinding[]): GPUBindGroup {
    const entries = buffers.map((resource, binding) => ({ binding, resource }));
    return this.#gpu.device.createBindGroup({ layout, entries });
  }
}

/** Bytes of a row of the tensor. */
const tensorBytes = ({ plan: { resultSize } }: PreparedImage, { dtype }: TensorFormat): number =>
  resultSize.width * resultSize.height * 3 * bytesPerElement(dtype);

function packedBytes(pixels: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(pixels.length * 3);
  for (let i = 0; i < pixels.length; i++) {
    const pixel = pixels[i] as number;
    bytes[3 * i] = pixel;
    bytes[3 * i + 1] = pixel >> 8;
    bytes[3 * i + 2] = pixel >> 16;
  }
  return bytes;
}
