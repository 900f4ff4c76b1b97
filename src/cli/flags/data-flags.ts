import type { Command } from 'commander';
import { interpolations } from '../../../backends/kernels/resample/calls.ts';
import { policyNames } from '../../../operators/auto-augment/policies.ts';
import { translationNames } from '../../../operators/auto-augment/v0.ts';
import type { MemberOptions } from '../../datasets/tar/tar-samples.ts';
import { errorActions, type OnError } from '../../engine/order/substitution.ts';
import type { PipelineOptions } from '../../engine/plan/options.ts';
import { defaultRecipe, type Recipe } from '../../streams/recipe.ts';
import type { StreamOptions } from '../../streams/stream-options.ts';
import { trainDefaults } from '../../training/complete-options.ts';
import { optionsOfValues } from '../../training/settings.ts';
import { atLeast, choiceOption, integerOption, numberOption, numbersOption } from '../command.ts';
import {
  checkBudgetIsUsed,
  type ExcludeFlags,
  excludeOption,
  type QuarantineFlags,
} from './bad-data-flags.ts';
import { addShardFlags } from './shard-flags.ts';

/** Flags of how images are read, with the names of NVIDIA's scripts where those have them. */
export interface ReadingFlags extends ExcludeFlags, QuarantineFlags, MemberOptions {
  readonly dataBackend: NonNullable<PipelineOptions['backend']>;
  readonly gpuAdapter?: string;
  readonly batchSize: number;
  readonly workers?: number;
  readonly prefetch: number;
  readonly seed: number;
  readonly onError: OnError;
  readonly maxBad: string;
  readonly sampleTimeout: number;
}

/** Flags of the training stream: how images are read and what is done to them. */
export interface DataFlags extends ReadingFlags, Omit<Recipe, 'imageSize'> {
  readonly imageSize?: number;
  readonly raReps?: number;
  readonly digest?: boolean;
}

const { stream, recipe } = trainDefaults;

/** What the commands take as data; the rest of the sentence is the command's. */
export const dataSources =
  'a folder of class folders, a store, .tar shards (WebDataset) or IDX files (MNIST)';

const backends = ['cpu', 'gpu', 'reference', 'synthetic', 'pytorch', 'dali-cpu', 'dali-gpu'];

export function addReadingFlags(command: Command): Command {
  return addShardFlags(addBadDataFlags(addStreamFlags(command.optionsGroup('Data:'))));
}

function addStreamFlags(command: Command): Command {
  return command
    .addOption(
      choiceOption(
        '--data-backend <name>',
        'what prepares images: cpu, gpu (WebGPU), reference (slow), synthetic (reads no images)',
        backends,
        stream.backend,
      ),
    )
    .option(
      '--gpu-adapter <name|index>',
      'GPU for --data-backend gpu, and for the trainer graph, as millrace doctor lists them (default: the fastest)',
    )
    .addOption(integerOption('-b, --batch-size <n>', 'rows per batch', stream.batchSize, atLeast(1)))
    .addOption(
      integerOption(
        '-j, --workers <n>',
        'threads that prepare images (default: one per core)',
        undefined,
        atLeast(0),
      ),
    )
    .addOption(integerOption('--prefetch <n>', 'batches prepared ahead', stream.prefetch, atLeast(1)))
    .addOption(
      integerOption(
        '--seed <n>',
        'seed of the order, the augmentation and the initial weights',
        stream.seed,
        atLeast(0),
      ),
    );
}

/** What is done where an image is bad. */
function addBadDataFlags(command: Command): Command {
  return checkBudgetIsUsed(command)
    .addOption(
      choiceOption('--on-error <action>', 'what to do about a bad image', errorActions, stream.onError),
    )
    .option(
      '--max-bad <count|share>',
      'with --on-error substitute: how many bad images stop the run, such as 100 or 1%',
      stream.maxBad,
    )
    .addOption(
      numberOption(
        '--sample-timeout <seconds>',
        'time limit for an image, which is tried twice (Infinity: no limit)',
        stream.sampleTimeoutMs / 1000,
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
      choiceOption('--interpolation <name>', 'how crops are resized', interpolations, recipe.interpolation),
    )
    .addOption(
      numbersOption(
        '--crop-scale <low,high>',
        "share of the image's area that a random crop takes (default: 0.08,1)",
        {
          min: 0,
          max: 1,
        },
      ),
    )
    .addOption(
      choiceOption(
        '--augmentation <name>',
        'augmentation beyond crop and flip',
        ['none', 'autoaugment'],
        recipe.augmentation,
      ),
    )
    .addOption(choiceOption('--policy <name>', 'policy of AutoAugment', policyNames, recipe.policy))
    .addOption(
      choiceOption(
        '--translate <name>',
        'how far policy v0 moves images: up to 225 pixels, or relative to their size (default: absolute)',
        translationNames,
      ),
    )
    .addOption(
      numberOption(
        '--mixup <alpha>',
        'blend images by MixUp with Beta(alpha, alpha) (0: off)',
        recipe.mixup,
        atLeast(0),
      ),
    )
    .addOption(
      integerOption(
        '--ra-reps <n>',
        'repeated augmentation: rows of each image in a batch, of 1 / n of the images an epoch (default: 1)',
        undefined,
        atLeast(1),
      ),
    )
    .option('--digest', 'compute and print the digest of the stream');
}

/** The options of a stream that the flags ask for. */
export function streamOf(flags: Partial<DataFlags>): {
  readonly stream: StreamOptions;
  readonly recipe: Recipe;
} {
  const { stream = {}, recipe } = optionsOfValues({ ...flags }, 'name');
  return { stream, recipe: { ...defaultRecipe, ...recipe } };
}
