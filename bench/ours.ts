/** Our side of the comparisons, as a process of its own: reports in the JSON lines that loader-process.ts reads. */
import { readFileSync } from 'node:fs';
import {
  autoAugment,
  type Batch,
  type Dataset,
  fromHalf,
  imageFolder,
  normalize,
  type Pipeline,
  type PipelineOptions,
  pipeline,
  randomHorizontalFlip,
  randomResizedCrop,
  type Step,
  store,
  trivialAugment,
} from '../src/index.ts';
import {
  type DeliveredBatch,
  type LoaderOptions,
  parseLoader,
  report,
  reportEpochs,
  sampledMean,
} from './loader-report.ts';

/** What `--source` opens. */
const sources: Readonly<Record<string, (path: string) => Dataset>> = {
  folder: imageFolder,
  store,
};

const { own, ...options } = parseLoader({ backend: 'cpu', source: 'folder' });

function makePipeline(dataset: Dataset): Pipeline {
  const { workers, batchSize, seed, policy, interpolation, size } = options;
  const backend = own['backend'] as NonNullable<PipelineOptions['backend']>;
  return pipeline(dataset, { backend, workers, batchSize, seed, epochs: 1 + options.epochs }).pipe(
    randomResizedCrop(size, { interpolation }),
    randomHorizontalFlip(),
    ...policySteps(policy, interpolation),
    normalize(),
  );
}

/** TrivialAugment's warps interpolate as the crop does, as in torchvision's recipe. */
function policySteps(policy: LoaderOptions['policy'], interpolation: LoaderOptions['interpolation']): Step[] {
  if (policy === 'none') return [];
  return [policy === 'ta_wide' ? trivialAugment({ interpolation }) : autoAugment({ policy })];
}

async function* delivered(batches: AsyncIterable<Batch>): AsyncGenerator<DeliveredBatch> {
  for await (const { epoch, isLastOfEpoch, labels, images, shape, dtype } of batches) {
    const mean = () => sampledMean(images, dtype === 'float16' ? fromHalf : undefined);
    yield { epoch, isLastOfEpoch, images: labels.length, shape, dtype, mean };
  }
}

const open = sources[own['source'] as string];
if (open === undefined) throw new Error(`--source must be ${Object.keys(sources).join(' or ')}`);
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
report('versions', { millrace: version, node: process.versions.node });
await reportEpochs(delivered(makePipeline(open(options.folder))));
