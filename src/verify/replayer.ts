import type { Executor } from '../../backends/backend.ts';
import type { DecodeOptions } from '../../backends/kernels/decode/decode.ts';
import { decodeRegion } from '../../backends/kernels/decode/region.ts';
import { type KernelCall, readBox } from '../../backends/kernels/kernel.ts';
import { cropCall } from '../../backends/kernels/resample/calls.ts';
import { referenceBackend } from '../../backends/reference/executor.ts';
import type { RawImage } from '../core/image.ts';
import { type Dataset, openReader, type Reader } from '../datasets/dataset.ts';
import { openExecutor } from '../engine/backends.ts';
import { decodeOptions, type Plan, tensorFormat } from '../engine/plan.ts';
import { batchBytes } from '../engine/slot-batch.ts';
import { decodeSource } from '../engine/source.ts';
import type { Setting } from './stream-part.ts';

/** Makes single rows again, alone and step by step, of one dataset on one backend. */
export class Replayer {
  readonly executor: Executor;
  readonly #dataset: Dataset;
  readonly #reader: Reader;
  readonly #plan: Plan;

  private constructor(dataset: Dataset, reader: Reader, executor: Executor, plan: Plan) {
    this.#dataset = dataset;
    this.#reader = reader;
    this.executor = executor;
    this.#plan = plan;
  }

  static async open(dataset: Dataset, { backend, gpuAdapter }: Setting, plan: Plan): Promise<Replayer> {
    const executor = await openExecutor(backend, gpuAdapter);
    return new Replayer(dataset, await openReader(dataset.reader), executor, plan);
  }

  /** The sample's whole image, decoded. */
  async original(id: number): Promise<RawImage> {
    const source = await this.#reader.read(this.#dataset.locator(id));
    return decodeSource(source, decodeOptions(this.#plan));
  }

  /**
   * The part that the first call reads: decoded by itself, and cut out of the whole image; undefined where the dataset
   * has whole images only.
   */
  async region(
    id: number,
    whole: RawImage,
    first: KernelCall | undefined,
  ): Promise<{ readonly decoded: RawImage; readonly cut: RawImage } | undefined> {
    const source = await this.#reader.read(this.#dataset.locator(id));
    if (first === undefined || !('intervalEnds' in source)) return undefined;
    const { width, height } = whole;
    const box = readBox(first, { left: 0, top: 0, width, height });
    let data = Buffer.alloc(0);
    const options: DecodeOptions = decodeOptions(this.#plan);
    const region = await decodeRegion(source, box, options, (size) => {
      data = Buffer.alloc(size.width * size.height * 3);
      return data;
    });
    const inRegion = { ...box, left: box.left - region.left, top: box.top - region.top };
    // by the reference: what is compared here is decoding
    const crop = await referenceBackend.open();
    const cutFrom = (image: RawImage, at: typeof box) => runOn(crop, image, [cropCall(image, at)]);
    return { decoded: await cutFrom({ ...region, data }, inRegion), cut: await cutFrom(whole, box) };
  }

  run(image: RawImage, calls: readonly KernelCall[]): Promise<RawImage> {
    return runOn(this.executor, image, calls);
  }

  /** The first image's tensor, blended with the second where there is one. */
  async finish(images: readonly RawImage[], lambda: number | undefined): Promise<Uint8Array> {
    for (const [row, image] of images.entries()) {
      this.executor.image(row, image).set(image.data);
      this.executor.run(row, []);
    }
    const format = tensorFormat(this.#plan);
    const output = new Uint8Array(batchBytes(1, images[0] as RawImage, format));
    const mix = images.length > 1 && lambda !== undefined ? { mix: { partner: 1, lambda } } : {};
    await this.executor.finish([{ row: 0, ...mix }], format, output);
    return output;
  }

  async close(): Promise<void> {
    await this.#reader.close();
    await this.executor.close();
  }
}

async function runOn(executor: Executor, image: RawImage, calls: readonly KernelCall[]): Promise<RawImage> {
  executor.image(0, image).set(image.data);
  executor.run(0, calls);
  return executor.read(0);
}
