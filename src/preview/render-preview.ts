import { extname } from 'node:path';
import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import { DataError, ParameterError } from '../core/errors.ts';
import type { RawImage } from '../core/image.ts';
import { describeStep, type Step } from '../core/step.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { checkInteger, resolveOptions } from '../engine/plan/options.ts';
import { writePng } from '../raster/write-png.ts';
import { openData, type ReadingOptions, readingOf } from '../streams/open-data.ts';
import {
  anything,
  type Checks,
  callback,
  checkOptions,
  dataset as datasetCheck,
  group,
  paths,
  signal as signalCheck,
  steps as stepsCheck,
  text,
} from '../streams/option-checks.ts';
import { defaultRecipe, type Recipe } from '../streams/recipe.ts';
import { samplerOf } from '../streams/sampler-choice.ts';
import { type SelectionOptions, selectionOf } from '../streams/selection.ts';
import { recipeChecks, selectionChecks, sourceChecks, streamChecks } from '../streams/stream-checks.ts';
import { refuseSynthetic, type StreamOptions } from '../streams/stream-options.ts';
import { trainingSteps } from '../streams/training-steps.ts';
import { withGpu } from '../streams/with-gpu.ts';
import { defaultCell } from './fit.ts';
import { imagesSize } from './grid.ts';
import { drawPreview } from './preview.ts';
import { type PreviewSample, type RenderOptions, renderSamples } from './render.ts';

/** What is shown of a dataset's augmentation, and how. `data` alone is enough. */
export interface PreviewOptions extends ReadingOptions, SelectionOptions {
  /** A dataset, or the path of one, whose train split is taken where it is divided. */
  readonly data: string | Dataset;
  /** How images are cut, augmented and mixed. */
  readonly recipe?: Partial<Recipe>;
  /** Steps of the pipeline, instead of the recipe's. */
  readonly steps?: readonly Step[];
  readonly stream?: Pick<
    StreamOptions,
    'batchSize' | 'backend' | 'gpuAdapter' | 'seed' | 'onError' | 'sampler' | 'samplesPerEpoch'
  >;
  /** Rows: the first samples of epoch 0. Default 6. */
  readonly samples?: number;
  /** Columns: what a sample becomes in epochs 0, 1, 2 and so on. Default 5. */
  readonly versions?: number;
  /** Edge of the images in the picture. Default: that at which augmented images keep their pixels, 160 to 256. */
  readonly cell?: number | undefined;
  /** PNG file to write the picture to. */
  readonly out?: string;
  readonly signal?: AbortSignal | undefined;
  /** Hears what people should know: what is left out, or cannot be shown. */
  readonly onMessage?: (message: string) => void;
  /** Hears which GPU computes, with the gpu backend. */
  readonly onGpu?: (adapter: AdapterDescription) => void;
}

export interface Preview {
  /** u8 RGB. */
  readonly picture: RawImage;
  readonly dataset: Dataset;
  /** What the picture shows: one entry per row. */
  readonly samples: readonly PreviewSample[];
}

const checks: Checks<PreviewOptions> = {
  data: datasetCheck,
  exclude: paths,
  ...sourceChecks,
  ...selectionChecks,
  recipe: group(recipeChecks),
  steps: stepsCheck,
  // of a training's stream, what makes batches may stay
  stream: group(streamChecks),
  // numbers are checked together with the size of the picture
  samples: anything,
  versions: anything,
  cell: anything,
  out: text,
  signal: signalCheck,
  onMessage: callback,
  onGpu: callback,
};

/** Draws what training sees: samples beside what they become in each epoch. */
export async function renderPreview(options: PreviewOptions): Promise<Preview> {
  checkOptions('renderPreview', options, checks, ['data']);
  const { samples: count = 6, versions = 5, stream = {}, signal, onMessage = () => {} } = options;
  const recipe = { ...defaultRecipe, ...options.recipe };
  const steps = options.steps ?? trainingSteps(recipe);
  const cell = options.cell ?? defaultCell(recipe.imageSize);
  if (options.out !== undefined) checkPngName('out (--out)', options.out);
  checkPicture(count, versions, cell);
  const dataset = await openData(
    options.data,
    { split: 'train', ...readingOf(options), ...selectionOf(options) },
    onMessage,
  );
  const rendering: RenderOptions = {
    ...checkedStream(stream),
    ...{ steps, samples: count, versions, cell, signal },
    onBadSample:
      stream.onError === 'substitute' ? ({ message }) => onMessage(`not shown: ${message}`) : undefined,
  };
  const samples = await withGpu(stream, options.onGpu, () => renderSamples(dataset, rendering));
  if (samples.length === 0) throw new DataError('NO_SAMPLES', `${dataset.name}: no image can be shown`);
  const heading = headingOf(recipe, rendering, options.steps !== undefined);
  const picture = drawPreview(dataset, samples, { heading, versions, cell });
  if (options.out !== undefined) await writePng(options.out, picture);
  return { picture, dataset, samples };
}

/** The seed, the batch's rows and the backend, checked as a pipeline checks them. */
function checkedStream({ seed, batchSize, backend, gpuAdapter, sampler, samplesPerEpoch }: StreamOptions) {
  refuseSynthetic('preview', backend);
  const given = {
    ...{ seed, batchSize, backend, gpuAdapter },
    sampler: samplerOf({ sampler, samplesPerEpoch }),
  };
  const defined = Object.entries(given).filter(([, value]) => value !== undefined);
  const resolved = resolveOptions(Object.fromEntries(defined));
  return {
    seed: resolved.seed,
    batchSize: resolved.batchSize,
    sampler: resolved.sampler,
    backend: resolved.backend as 'cpu' | 'gpu' | 'reference',
    gpuAdapter: resolved.gpuAdapter,
  };
}

/** Pixels of a picture without its text; a hundred million are 300 MB. */
const MAX_PIXELS = 100_000_000;

function checkPicture(samples: number, versions: number, cell: number): void {
  checkInteger('samples', samples, 1, 10_000);
  checkInteger('versions', versions, 1, 1000);
  checkInteger('cell', cell, 48, 4096);
  const { width, height } = imagesSize(versions + 1, samples, cell);
  if (width * height <= MAX_PIXELS) return;
  const message = `samples ${samples}, versions ${versions} and cell ${cell} make a picture of ${width} x ${height} pixels`;
  throw new ParameterError('PICTURE_TOO_LARGE', `${message}, at most ${MAX_PIXELS} pixels are drawn`);
}

export function checkPngName(flag: string, path: string): void {
  if (extname(path).toLowerCase() === '.png') return;
  throw new ParameterError('INVALID_OPTION', `${flag} must be a .png file, got '${path}'`);
}

/** What the pictures show beyond crops and flips, which all of them do. */
function headingOf({ imageSize }: Recipe, { seed, steps }: RenderOptions, hasOwnSteps: boolean): string {
  const size = hasOwnSteps ? [] : [`${imageSize}x${imageSize}`];
  const names = steps
    .map((step) => step[describeStep])
    .filter(({ name }) => !['randomResizedCrop', 'randomHorizontalFlip', 'normalize'].includes(name))
    .map(({ name, parameters }) => [name, Object(parameters).policy].filter(Boolean).join(' '));
  return ['millrace preview', `seed ${seed}`, ...size, ...names].join(', ');
}
