import type { Command } from 'commander';
import { interpolations } from '../../../backends/kernels/resample/calls.ts';
import { policyNames } from '../../../operators/auto-augment/policies.ts';
import { translationNames } from '../../../operators/auto-augment/v0.ts';
import { cutFormulas } from '../../../operators/cut-box.ts';
import type { SourceOptions } from '../../datasets/opening/source-kind.ts';
import { errorActions, type OnError } from '../../engine/order/substitution.ts';
import type { PipelineOptions } from '../../engine/plan/options.ts';
import { modelFor } from '../../models/architecture.ts';
import {
  defaultRecipe,
  eraseModes,
  mixModes,
  type Recipe,
  trainInterpolations,
} from '../../streams/recipe.ts';
import type { SelectionOptions } from '../../streams/selection.ts';
import type { StreamOptions } from '../../streams/stream-options.ts';
import { autoAugmentNames } from '../../streams/training-steps.ts';
import { trainDefaults } from '../../training/complete-options.ts';
import { preset } from '../../training/presets.ts';
import { optionsOfValues } from '../../training/settings.ts';
import { atLeast, choiceOption, integerOption, numberOption, numbersOption, share } from '../command.ts';
import {
  checkBudgetIsUsed,
  type ExcludeFlags,
  excludeOption,
  type QuarantineFlags,
} from './bad-data-flags.ts';
import type { PresetFlags } from './configuration.ts';
import { addSamplingFlags } from './sampling-flags.ts';
import { addShardFlags } from './shard-flags.ts';

/** Flags of how images are read, with the names of NVIDIA's scripts where those have them. */
export interface ReadingFlags extends ExcludeFlags, QuarantineFlags, SourceOptions {
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
export interface DataFlags extends ReadingFlags, SelectionOptions, Omit<Recipe, 'imageSize'> {
  readonly imageSize?: number;
  readonly raReps?: number;
  readonly sampler?: string;
  readonly samplesPerEpoch?: number;
  readonly digest?: boolean;
}

const { stream, recipe } = trainDefaults;

/** What the commands take as data; the rest of the sentence is the command's. */
export const dataSources =
  'a folder of class folders, a store, .tar shards (WebDataset), Parquet, TFRecords, a list (.csv), IDX files (MNIST) ...';

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
  const reading = addSamplingFlags(addReadingFlags(command));
  return addMixingFlags(addAugmentationFlags(addCropFlags(reading)))
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

function addCropFlags(command: Command): Command {
  return command
    .addOption(
      integerOption(
        '--image-size <pixels>',
        "edge of the square images (default: 224, or the model's)",
        undefined,
        atLeast(1),
      ),
    )
    .addOption(
      choiceOption('--interpolation <name>', 'how images are resized', interpolations, recipe.interpolation),
    )
    .addOption(
      choiceOption(
        '--train-interpolation <name>',
        'how crops are resized: bilinear, bicubic, or random, either by chance (default: as --interpolation)',
        trainInterpolations,
      ),
    )
    .addOption(
      numbersOption(
        '--crop-scale <low,high>',
        "share of the image's area that a random crop takes (default: 0.08,1)",
        share,
      ),
    );
}

function addAugmentationFlags(command: Command): Command {
  return command
    .addOption(
      choiceOption(
        '--augmentation <name>',
        'augmentation beyond crop and flip, as NVIDIA’s scripts name it',
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
    .option(
      '--auto-augment <name>',
      `instead of --augmentation: ${autoAugmentNames.join(', ')}, none, or as timm writes it, rand-m9-mstd0.5-inc1, 3a`,
    )
    .addOption(
      numberOption(
        '--color-jitter <x>',
        'factors of brightness, contrast and saturation, of 1 - x to 1 + x (0: off)',
        recipe.colorJitter,
        atLeast(0),
      ),
    )
    .addOption(
      numberOption('--random-erase <p>', 'probability of erasing a box (0: off)', recipe.randomErase, share),
    )
    .addOption(
      choiceOption(
        '--erase-mode <name>',
        'what a box is filled with: constant (the mean), one colour, noise',
        eraseModes,
        recipe.eraseMode,
      ),
    );
}

function addMixingFlags(command: Command): Command {
  return command
    .addOption(
      numberOption(
        '--mixup <alpha>',
        'blend images by MixUp with Beta(alpha, alpha) (0: off)',
        recipe.mixup,
        atLeast(0),
      ),
    )
    .addOption(
      numberOption(
        '--cutmix <alpha>',
        'put a box of one image into another by CutMix, its area by Beta(alpha, alpha) (0: off)',
        recipe.cutmix,
        atLeast(0),
      ),
    )
    .addOption(
      choiceOption(
        '--cutmix-box <name>',
        'whose rounding the box of CutMix has',
        cutFormulas,
        recipe.cutmixBox,
      ),
    )
    .addOption(numberOption('--mix-prob <p>', 'probability of mixing at all', recipe.mixProb, share))
    .addOption(
      numberOption(
        '--mix-switch-prob <p>',
        'probability of CutMix, where there is MixUp as well',
        recipe.mixSwitchProb,
        share,
      ),
    )
    .addOption(
      choiceOption(
        '--mix-mode <unit>',
        'draw for a batch, a pair of rows or each row',
        mixModes,
        recipe.mixMode,
      ),
    );
}

/** The options of a stream that the flags ask for. */
export function streamOf(flags: Partial<DataFlags> & PresetFlags): {
  readonly stream: StreamOptions;
  readonly recipe: Recipe;
} {
  const { stream = {}, recipe } = optionsOfValues({ ...flags }, 'name');
  return { stream, recipe: { ...defaultRecipe, ...imageSizeOf(flags), ...recipe } };
}

/** A preset's images have its model's size. */
function imageSizeOf({ preset: name }: PresetFlags): Pick<DataFlags, 'imageSize'> {
  if (name === undefined) return {};
  const { model = trainDefaults.model } = preset(name);
  return { imageSize: modelFor(model, 1).resolution };
}
