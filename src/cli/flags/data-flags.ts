import type { Command } from 'commander';
import type { Step } from '../../core/step.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import type { PipelineOptions } from '../../engine/plan/options.ts';
import {
  autoAugment,
  centerCrop,
  mixup,
  normalize,
  type Pipeline,
  pipeline,
  randomHorizontalFlip,
  randomResizedCrop,
  resize,
} from '../../index.ts';
import { atLeast, choiceOption, integerOption, numberOption, numbersOption } from '../command.ts';
import {
  checkBudgetIsUsed,
  type ExcludeFlags,
  excludeOption,
  type QuarantineFlags,
} from './bad-data-flags.ts';

/** Flags of how images are read, with the names of NVIDIA's scripts where those have them. */
export interface ReadingFlags extends ExcludeFlags, QuarantineFlags {
  readonly dataBackend: NonNullable<PipelineOptions['backend']>;
  readonly gpuAdapter?: string;
  readonly batchSize: number;
  readonly workers?: number;
  readonly prefetch: number;
  readonly seed: number;
  readonly onError: 'stop' | 'substitute';
  readonly maxBad: string;
  readonly sampleTimeout: number;
}

/** Flags of the training stream: how images are read and what is done to them. */
export interface DataFlags extends ReadingFlags {
  readonly imageSize?: number;
  readonly interpolation: 'bilinear' | 'bicubic';
  readonly cropScale?: [low: number, high: number];
  readonly augmentation: 'none' | 'autoaugment';
  readonly policy: 'v0' | 'imagenet';
  readonly mixup: number;
  readonly digest?: boolean;
}

/** What the commands take as data; the rest of the sentence is the command's. */
export const dataSources =
  'a folder of class folders, a store, .tar shards (WebDataset) or IDX files (MNIST)';

const backends = ['cpu', 'gpu', 'reference', 'synthetic', 'pytorch', 'dali-cpu', 'dali-gpu'];

export function addReadingFlags(command: Command): Command {
  return checkBudgetIsUsed(command)
    .optionsGroup('Data:')
    .addOption(
      choiceOption(
        '--data-backend <name>',
        'what prepares images: cpu, gpu (through WebGPU), reference (slow), synthetic (reads none)',
        backends,
        'cpu',
      ),
    )
    .option(
      '--gpu-adapter <name|index>',
      'for --data-backend gpu: one that millrace doctor lists (default: the fastest)',
    )
    .addOption(integerOption('-b, --batch-size <n>', 'rows a batch', 32, atLeast(1)))
    .addOption(
      integerOption(
        '-j, --workers <n>',
        'threads that prepare images (default: one a core)',
        undefined,
        atLeast(0),
      ),
    )
    .addOption(integerOption('--prefetch <n>', 'batches prepared ahead', 2, atLeast(1)))
    .addOption(
      integerOption('--seed <n>', 'decides the order, the augmentation and the weights', 0, atLeast(0)),
    )
    .addOption(choiceOption('--on-error <action>', 'for a bad image', ['stop', 'substitute'], 'stop'))
    .option(
      '--max-bad <count|share>',
      'with substitute: bad images before the run stops, e.g. 100 or 1%',
      '1%',
    )
    .addOption(
      numberOption(
        '--sample-timeout <seconds>',
        'for one image; tried twice, then it is bad (Infinity: no limit)',
        60,
        atLeast(0.001),
      ),
    )
    .addOption(excludeOption());
}

export function addDataFlags(command: Command): Command {
  return addReadingFlags(command)
    .addOption(
      integerOption(
        '--image-size <pixels>',
        "edge of the square images (default: 224, or the model's)",
        undefined,
        atLeast(1),
      ),
    )
    .addOption(
      choiceOption('--interpolation <name>', 'of resized crops', ['bilinear', 'bicubic'], 'bilinear'),
    )
    .addOption(
      numbersOption('--crop-scale <low,high>', "of the image's area, in random crops (default: 0.08,1)", {
        min: 0,
        max: 1,
      }),
    )
    .addOption(choiceOption('--augmentation <name>', 'beyond crop and flip', ['none', 'autoaugment'], 'none'))
    .addOption(choiceOption('--policy <name>', 'of AutoAugment', ['v0', 'imagenet'], 'v0'))
    .addOption(numberOption('--mixup <alpha>', 'MixUp with Beta(alpha, alpha); 0: off', 0, atLeast(0)))
    .option('--digest', 'compute and print the digest of the stream');
}

/** The training stream: random resized crop, flip, AutoAugment, MixUp. */
export function trainingPipeline(
  dataset: Dataset,
  flags: DataFlags,
  options: Pick<PipelineOptions, 'epochs' | 'start' | 'signal' | 'dropLast'>,
): Pipeline {
  const digest = flags.digest ?? false;
  return pipeline(dataset, { ...pipelineOptions(flags), ...options, digest }).pipe(...streamSteps(flags));
}

/** The steps of the training stream. */
export const streamSteps = (flags: DataFlags): Step[] => [
  ...trainingSteps(flags),
  normalize(),
  ...(flags.mixup !== 0 ? [mixup(flags.mixup)] : []),
];

/** What decides how one image is augmented. */
export type AugmentationFlags = Pick<
  DataFlags,
  'imageSize' | 'interpolation' | 'cropScale' | 'augmentation' | 'policy'
>;

/** The steps of training that work on one image: random resized crop, flip, AutoAugment. */
export function trainingSteps(flags: AugmentationFlags): Step[] {
  const { interpolation, cropScale: scale, augmentation, policy } = flags;
  return [
    randomResizedCrop(imageSizeOf(flags), { interpolation, ...(scale && { scale }) }),
    randomHorizontalFlip(),
    ...(augmentation === 'autoaugment' ? [autoAugment({ policy })] : []),
  ];
}

export const imageSizeOf = ({ imageSize }: Pick<DataFlags, 'imageSize'>): number => imageSize ?? 224;

/** The evaluation stream: short side to a little more than the size, then the centre. */
export function evaluationPipeline(
  dataset: Dataset,
  flags: ReadingFlags & Pick<DataFlags, 'imageSize' | 'interpolation'>,
  options: Pick<PipelineOptions, 'signal'>,
): Pipeline {
  const steps = evaluationSteps(imageSizeOf(flags), flags.interpolation);
  return pipeline(dataset, { ...pipelineOptions(flags), ...options, shuffle: false }).pipe(...steps);
}

export function evaluationSteps(size: number, interpolation: DataFlags['interpolation']): Step[] {
  return [resize({ shortSide: evaluationShortSide(size), interpolation }), centerCrop(size), normalize()];
}

/** NVIDIA's recipe resizes to size + 32 (for 224 and more); smaller sizes keep the same share of margin. */
export function evaluationShortSide(size: number): number {
  return size >= 224 ? size + 32 : Math.round((size * 8) / 7);
}

export function pipelineOptions(flags: ReadingFlags): PipelineOptions {
  const { maxBad, workers, gpuAdapter, quarantine } = flags;
  return {
    batchSize: flags.batchSize,
    backend: flags.dataBackend,
    ...(gpuAdapter !== undefined && { gpuAdapter }),
    ...(workers !== undefined && { workers }),
    prefetch: flags.prefetch,
    seed: flags.seed,
    onError: flags.onError,
    sampleTimeoutMs: flags.sampleTimeout * 1000,
    ...(quarantine !== undefined && { quarantine }),
    // what is no count goes on as it was typed, to be checked and named as a share
    maxBad: /^\d+$/.test(maxBad) ? Number(maxBad) : (maxBad as `${number}%`),
  };
}
