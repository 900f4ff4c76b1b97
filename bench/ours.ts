/**
 * Our side of bench/main.ts, as a process of its own: reports in the JSON lines of peers/torchvision_loader.py.
 * One warm-up epoch, then the measured ones, back to back as in training.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  autoAugment,
  type Batch,
  fromHalf,
  imageFolder,
  normalize,
  type Pipeline,
  type PipelineOptions,
  pipeline,
  randomHorizontalFlip,
  randomResizedCrop,
} from '../src/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    backend: { type: 'string', default: 'cpu' },
    workers: { type: 'string', default: '2' },
    epochs: { type: 'string', default: '1' },
    'batch-size': { type: 'string', default: '64' },
    size: { type: 'string', default: '224' },
    seed: { type: 'string', default: '7' },
    policy: { type: 'string', default: 'v0' },
    interpolation: { type: 'string', default: 'bilinear' },
  },
});

function makePipeline(folder: string): Pipeline {
  const options = {
    backend: values.backend as NonNullable<PipelineOptions['backend']>,
    workers: Number(values.workers),
    epochs: 1 + Number(values.epochs),
    batchSize: Number(values['batch-size']),
    seed: Number(values.seed),
  };
  const interpolation = values.interpolation as 'bilinear' | 'bicubic';
  const policy = values.policy as 'v0' | 'imagenet' | 'none';
  return pipeline(imageFolder(folder), options).pipe(
    randomResizedCrop(Number(values.size), { interpolation }),
    randomHorizontalFlip(),
    ...(policy === 'none' ? [] : [autoAugment({ policy })]),
    normalize(),
  );
}

function report(event: string, values: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ event, ...values })}\n`);
}

function reportFirstBatch({ images, shape, dtype }: Batch): void {
  report('first-batch', { seconds: performance.now() / 1000 });
  let sum = 0;
  for (const element of images) sum += dtype === 'float16' ? fromHalf(element) : element;
  report('batch', { shape, dtype, mean: sum / images.length });
}

async function run(batches: AsyncIterable<Batch>): Promise<void> {
  let [images, epochStart] = [0, performance.now()];
  for await (const batch of batches) {
    if (batch.epoch === 0 && batch.index === 0) reportFirstBatch(batch);
    images += batch.labels.length;
    if (!batch.isLastOfEpoch) continue;
    const now = performance.now();
    const seconds = (now - epochStart) / 1000;
    const { epoch } = batch;
    if (epoch > 0) report('epoch', { epoch, images, seconds, imagesPerSecond: images / seconds });
    [images, epochStart] = [0, now];
  }
}

const [folder] = positionals;
if (folder === undefined) throw new Error('usage: ours.js <folder of class folders> [options]');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
report('versions', { millrace: version, node: process.versions.node });
await run(makePipeline(folder));
