import type { Executor } from '../../../backends/backend.ts';
import type { KernelCall } from '../../../backends/kernels/kernel.ts';
import { decode } from '../../../operators/image/decode.ts';
import { normalize } from '../../../operators/image/normalize.ts';
import type { DrawingOperator } from '../../../operators/operator.ts';
import type { Drawn } from '../../core/batch.ts';
import { batchBytes } from '../../core/batch-size.ts';
import type { RawImage, Size } from '../../core/image.ts';
import type { RowMix } from '../../core/mixing.ts';
import type { Step } from '../../core/step.ts';
import { tensorImage } from '../../core/tensor.ts';
import type { Dataset, Source } from '../../datasets/dataset.ts';
import { locateSample } from '../../datasets/sample.ts';
import { SampleReader } from '../../datasets/sample-reader.ts';
import type { ExecutorBackend } from '../plan/backend-name.ts';
import { type Erasing, erasingOf } from '../plan/erasing.ts';
import { decodeOptions, erasingSteps, imageSteps, makePlan, type Plan, tensorFormat } from '../plan/plan.ts';
import { drawProgram, type Program } from '../plan/program.ts';
import type { SampleCoordinates } from '../plan/sample-coordinates.ts';
import { decodeSource } from './decode-source.ts';
import { finishRow, type HeldRow } from './finish-row.ts';
import { openExecutor } from './open-executor.ts';
import { runCalls, type StageImage, stageImages } from './stage-images.ts';

/** On what single samples are made. */
export interface SampleBackend {
  readonly backend: ExecutorBackend;
  /** With the gpu backend: see openExecutor. */
  readonly gpuAdapter?: string | undefined;
}

/**
 * Makes single samples of a pipeline on the calling thread: to be shown, replayed or compared. Images are decoded whole,
 * and are the caller's own.
 */
export class SampleMaker {
  readonly plan: Plan;
  readonly executor: Executor;
  readonly #dataset: Dataset;
  readonly #reader: SampleReader;

  private constructor(dataset: Dataset, plan: Plan, reader: SampleReader, executor: Executor) {
    this.plan = plan;
    this.executor = executor;
    this.#dataset = dataset;
    this.#reader = reader;
  }

  static async open(
    dataset: Dataset,
    steps: readonly Step[],
    { backend, gpuAdapter }: SampleBackend,
  ): Promise<SampleMaker> {
    const plan = makePlan(steps, { decode: decode(), normalize: normalize() });
    const executor = await openExecutor(backend, gpuAdapter);
    try {
      return new SampleMaker(dataset, plan, await SampleReader.open(dataset.reader), executor);
    } catch (error) {
      await executor.close();
      throw error;
    }
  }

  /** One for each value that `draw` gives: those of the image steps, then those that erase. */
  get operators(): readonly DrawingOperator[] {
    const { erase, eraseAfter } = erasingSteps(this.plan);
    return [...imageSteps(this.plan), erase, eraseAfter].flatMap((step) => step?.operator ?? []);
  }

  source(id: number): Source | Promise<Source> {
    return this.#reader.read(locateSample(this.#dataset, id));
  }

  async original(id: number): Promise<RawImage> {
    return decodeSource(await this.source(id), decodeOptions(this.plan));
  }

  /** What a pipeline draws for a sample of this size. */
  draw(original: Size, at: SampleCoordinates): Program {
    const named = { ...at, key: this.#dataset.key(at.sampleId) };
    return drawProgram(imageSteps(this.plan), original, named, erasingSteps(this.plan));
  }

  run(image: RawImage, calls: readonly KernelCall[]): Promise<RawImage> {
    return runCalls(this.executor, image, calls);
  }

  stages(original: RawImage, drawn: readonly Drawn[]): Promise<StageImage[]> {
    return stageImages(this.executor, original, imageSteps(this.plan), drawn);
  }

  /** The tensor of the first row, as bytes; where it is mixed, with the second. */
  async finish(rows: readonly MadeRow[], mix: RowMix | undefined): Promise<Uint8Array> {
    for (const [row, { image }] of rows.entries()) {
      this.executor.image(row, image).set(image.data);
      this.executor.run(row, []);
    }
    const format = tensorFormat(this.plan);
    const output = new Uint8Array(batchBytes(1, (rows[0] as MadeRow).image, format));
    const [own, partner] = rows.map(({ erasing }, row) => ({ row, erasing }));
    await this.executor.finish([finishRow(own as HeldRow, mix, partner)], format, output);
    return output;
  }

  /** An image that a row's program ends in, by what was drawn for the row. */
  madeRow(image: RawImage, drawn: readonly Drawn[]): MadeRow {
    return { image, erasing: erasingOf(erasingSteps(this.plan), drawn) };
  }

  /** A row, to be looked at: its image, or its tensor where parts of that are erased, or it is mixed. */
  async picture(row: MadeRow, mixed?: MixedWith): Promise<RawImage> {
    const { image, erasing } = row;
    if (mixed === undefined && erasing.erase === undefined && erasing.eraseAfter === undefined) return image;
    const rows = mixed === undefined ? [row] : [row, mixed.partner];
    return tensorImage(await this.finish(rows, mixed?.mix), tensorFormat(this.plan), image);
  }

  async close(): Promise<void> {
    await this.#reader.close();
    await this.executor.close();
  }
}

/** What a row is mixed with, and how. */
export interface MixedWith {
  readonly mix: RowMix;
  readonly partner: MadeRow;
}

/** The end of a row's program, and what is erased of it. */
export interface MadeRow {
  readonly image: RawImage;
  readonly erasing: Erasing;
}
