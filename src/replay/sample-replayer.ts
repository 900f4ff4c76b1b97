import type { Executor } from '../../backends/backend.ts';
import { decode } from '../../operators/image/decode.ts';
import { normalize } from '../../operators/image/normalize.ts';
import type { Drawn } from '../core/batch.ts';
import type { RawImage, TensorFormat } from '../core/image.ts';
import type { Step } from '../core/step.ts';
import { type Dataset, openReader, type Reader } from '../datasets/dataset.ts';
import { openExecutor } from '../engine/backends.ts';
import { decodeOptions, imageSteps, makePlan, type Plan, tensorFormat } from '../engine/plan.ts';
import { drawProgram } from '../engine/program.ts';
import { batchBytes } from '../engine/slot-batch.ts';
import { decodeSource } from '../engine/source.ts';
import { type StageImage, stageImages } from '../engine/stage-images.ts';

/** A sample on its way through the image steps. */
export interface ReplayedSample {
  readonly id: number;
  readonly key: string;
  readonly label: number;
  readonly original: RawImage;
  readonly drawn: readonly Drawn[];
  readonly stages: readonly StageImage[];
}

/** The image that the sample's last step leaves. */
export const lastImage = ({ original, stages }: ReplayedSample): RawImage => stages.at(-1)?.image ?? original;

/**
 * Goes a sample's way again, by itself: decodes the whole image, draws anew, and runs the operators one by one on the
 * cpu's executor, where a pipeline decodes what it needs, joins kernel calls, and may be on another backend.
 */
export class SampleReplayer {
  readonly #dataset: Dataset;
  readonly #plan: Plan;
  readonly #seed: number;
  readonly #reader: Reader;
  readonly #executor: Executor;

  private constructor(dataset: Dataset, plan: Plan, seed: number, reader: Reader, executor: Executor) {
    this.#dataset = dataset;
    this.#plan = plan;
    this.#seed = seed;
    this.#reader = reader;
    this.#executor = executor;
  }

  static async open(dataset: Dataset, steps: readonly Step[], seed: number): Promise<SampleReplayer> {
    const plan = makePlan(steps, { decode: decode(), normalize: normalize() });
    const [reader, executor] = await Promise.all([openReader(dataset.reader), openExecutor('cpu')]);
    return new SampleReplayer(dataset, plan, seed, reader, executor);
  }

  get format(): TensorFormat {
    return tensorFormat(this.#plan);
  }

  async replay(id: number, epoch: number): Promise<ReplayedSample> {
    const source = await this.#reader.read(this.#dataset.locator(id));
    const { width, height, data } = await decodeSource(source, decodeOptions(this.#plan));
    // raw pixels are the reader's, and valid until it reads again
    const original = { width, height, data: Uint8Array.from(data) };
    const steps = imageSteps(this.#plan);
    const { drawn } = drawProgram(steps, original, { seed: this.#seed, epoch, sampleId: id });
    const stages = await stageImages(this.#executor, original, steps, drawn);
    return { id, key: this.#dataset.key(id), label: this.#dataset.label(id), original, drawn, stages };
  }

  /** The tensor of an image, blended with its partner's where there is one, as bytes. */
  async finish(
    image: RawImage,
    mixing?: { readonly partner: RawImage; readonly lambda: number },
  ): Promise<Uint8Array> {
    const output = new Uint8Array(batchBytes(1, image, this.format));
    this.#hold(0, image);
    if (mixing !== undefined) this.#hold(1, mixing.partner);
    const mix = mixing && { partner: 1, lambda: mixing.lambda };
    await this.#executor.finish([{ row: 0, ...(mix && { mix }) }], this.format, output);
    return output;
  }

  async close(): Promise<void> {
    await this.#reader.close();
    await this.#executor.close();
  }

  #hold(row: number, image: RawImage): void {
    this.#executor.image(row, image).set(image.data);
    this.#executor.run(row, []);
  }
}
