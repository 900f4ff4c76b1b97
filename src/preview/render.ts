import type { Executor } from '../../backends/backend.ts';
import type { DecodeOptions } from '../../backends/kernels/decode/decode.ts';
import { decode } from '../../operators/image/decode.ts';
import { normalize } from '../../operators/image/normalize.ts';
import type { Drawn } from '../core/batch.ts';
import { fromErrorRecord, type MillraceError } from '../core/errors.ts';
import type { RawImage, Size } from '../core/image.ts';
import type { Step } from '../core/step.ts';
import { type Dataset, openReader, type Reader } from '../datasets/dataset.ts';
import { type ExecutorBackend, openExecutor } from '../engine/backends.ts';
import { keyedPermutation } from '../engine/permutation.ts';
import { decodeOptions, imageSteps, makePlan } from '../engine/plan.ts';
import { drawProgram, type ImageStep } from '../engine/program.ts';
import { rowError } from '../engine/row-runner.ts';
import { decodeSource } from '../engine/source.ts';
import { fitToCell } from './fit.ts';

export interface RenderOptions {
  /** Image steps, in the order of the pipeline. */
  readonly steps: readonly Step[];
  readonly seed: number;
  readonly backend: ExecutorBackend;
  /** With the gpu backend: see openExecutor. */
  readonly gpuAdapter?: string | undefined;
  /** Samples to show: the first of epoch 0, fewer where the dataset has fewer. */
  readonly samples: number;
  /** Augmented images a sample: what it becomes in epochs 0, 1, 2, ... */
  readonly versions: number;
  /** Edge of the square that every image has to fit into, in pixels. */
  readonly cell: number;
  /** Called for a sample that cannot be used; the next of the epoch takes its place. Left out: the error is thrown. */
  readonly onBadSample?: ((error: MillraceError) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A sample, and what training makes of it. Images fit the cell. */
export interface PreviewSample {
  readonly id: number;
  readonly key: string;
  readonly label: number;
  /** Size of the original before it was made to fit. */
  readonly size: Size;
  readonly original: RawImage;
  readonly versions: readonly PreviewVersion[];
}

export interface PreviewVersion {
  readonly epoch: number;
  readonly drawn: readonly Drawn[];
  readonly image: RawImage;
}

/** Draws and runs the steps for the first samples of epoch 0, by the code and at the coordinates of a pipeline. */
export async function renderSamples(dataset: Dataset, options: RenderOptions): Promise<PreviewSample[]> {
  const [reader, executor] = await Promise.all([
    openReader(dataset.reader),
    openExecutor(options.backend, options.gpuAdapter),
  ]);
  const renderer = new SampleRenderer(dataset, reader, executor, options);
  try {
    return await firstSamples(dataset, renderer, options);
  } finally {
    await reader.close();
    await executor.close();
  }
}

async function firstSamples(dataset: Dataset, renderer: SampleRenderer, options: RenderOptions) {
  const { seed, samples, onBadSample, signal } = options;
  const order = keyedPermutation(dataset.length, seed, 0);
  const rendered: PreviewSample[] = [];
  for (let position = 0; position < dataset.length && rendered.length < samples; position++) {
    signal?.throwIfAborted();
    const id = order(position);
    try {
      rendered.push(await renderer.render(id));
    } catch (cause) {
      const error = fromErrorRecord(rowError(cause, { key: dataset.key(id) }));
      if (onBadSample === undefined) throw error;
      onBadSample(error);
    }
  }
  return rendered;
}

class SampleRenderer {
  readonly #dataset: Dataset;
  readonly #reader: Reader;
  readonly #executor: Executor;
  readonly #options: RenderOptions;
  readonly #decode: DecodeOptions;
  readonly #steps: readonly ImageStep[];

  constructor(dataset: Dataset, reader: Reader, executor: Executor, options: RenderOptions) {
    const plan = makePlan(options.steps, { decode: decode(), normalize: normalize() });
    this.#dataset = dataset;
    this.#reader = reader;
    this.#executor = executor;
    this.#options = options;
    this.#decode = decodeOptions(plan);
    this.#steps = imageSteps(plan);
  }

  async render(id: number): Promise<PreviewSample> {
    const source = await this.#reader.read(this.#dataset.locator(id));
    const image = await decodeSource(source, this.#decode);
    const versions: PreviewVersion[] = [];
    for (let epoch = 0; epoch < this.#options.versions; epoch++)
      versions.push(await this.#augment(image, id, epoch));
    return {
      id,
      key: this.#dataset.key(id),
      label: this.#dataset.label(id),
      size: { width: image.width, height: image.height },
      original: await this.#fit(image),
      versions,
    };
  }

  async #augment(image: RawImage, sampleId: number, epoch: number): Promise<PreviewVersion> {
    const { seed } = this.#options;
    const { calls, drawn } = drawProgram(this.#steps, image, { seed, epoch, sampleId });
    this.#executor.image(0, image).set(image.data);
    this.#executor.run(0, calls);
    return { epoch, drawn, image: await this.#fit(await this.#executor.read(0)) };
  }

  #fit(image: RawImage): RawImage | Promise<RawImage> {
    return fitToCell(this.#executor, image, this.#options.cell);
  }
}
