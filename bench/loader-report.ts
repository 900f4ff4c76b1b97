import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { PolicyName } from '../operators/auto-augment/policies.ts';
import { text } from './text-option.ts';

/** What the loaders written in TypeScript share: their options, and the JSON lines that loader-process.ts reads. */
export interface LoaderOptions {
  readonly folder: string;
  readonly workers: number;
  /** Measured epochs, after one for warm-up. */
  readonly epochs: number;
  readonly batchSize: number;
  /** Height and width of what the loader delivers. */
  readonly size: number;
  readonly seed: number;
  /** Of autoAugment, or one of torchvision's recipe, or none. */
  readonly policy: PolicyName | 'ta_wide' | 'none';
  readonly interpolation: 'bilinear' | 'bicubic';
}

/** The options every loader takes, and its own ones, all of them text. */
export function parseLoader(own: Readonly<Record<string, string>> = {}): LoaderOptions & { own: typeof own } {
  const defaults = { workers: '2', epochs: '1', 'batch-size': '64', size: '224', seed: '7' };
  const choices = { policy: 'v0', interpolation: 'bilinear' };
  const all = Object.entries({ ...defaults, ...choices, ...own });
  const options = Object.fromEntries(all.map(([name, value]) => [name, text(value)]));
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('a loader needs a folder of class folders');
  const number = (name: keyof typeof defaults): number => Number(values[name]);
  return {
    folder,
    workers: number('workers'),
    epochs: number('epochs'),
    batchSize: number('batch-size'),
    size: number('size'),
    seed: number('seed'),
    policy: values['policy'] as LoaderOptions['policy'],
    interpolation: values['interpolation'] as LoaderOptions['interpolation'],
    own: Object.fromEntries(Object.keys(own).map((name) => [name, String(values[name])])),
  };
}

/** A batch as a loader delivers it. */
export interface DeliveredBatch {
  readonly epoch: number;
  readonly isLastOfEpoch: boolean;
  readonly images: number;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** Of the normalised elements; called in the warm-up only. */
  mean(): number;
}

/**
 * Mean of one element in 97 (not a multiple of the 3 channels). Were it slow, the loader would work ahead meanwhile and
 * begin the measured epochs with full queues.
 */
export function sampledMean(elements: ArrayLike<number>, toNumber = (element: number) => element): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < elements.length; i += 97) {
    sum += toNumber(elements[i] as number);
    count++;
  }
  return sum / count;
}

/** Reports epoch 0, the warm-up, and the measured ones, back to back as in training. */
export async function reportEpochs(batches: AsyncIterable<DeliveredBatch>): Promise<void> {
  const means: number[] = [];
  let [images, epochStart] = [0, performance.now()];
  for await (const batch of batches) {
    const { epoch, shape, dtype } = batch;
    if (epoch === 0 && images === 0) report('first-batch');
    if (epoch === 0) means.push(batch.mean());
    images += batch.images;
    if (!batch.isLastOfEpoch) continue;
    const now = performance.now();
    const seconds = (now - epochStart) / 1000;
    if (epoch === 0) report('batch', { shape, dtype, mean: average(means) });
    else report('epoch', { epoch, images, seconds, imagesPerSecond: images / seconds });
    [images, epochStart] = [0, now];
  }
  await wait(500); // the processor time of this process is read when the last line has arrived
}

export function report(event: string, values: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ...values })}\n`);
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
