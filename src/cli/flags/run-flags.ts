import { type Command, Option } from 'commander';
import { trainDefaults } from '../../training/complete-options.ts';
import { atLeast, atLeastOneOrOff, integerOption, numberOption, share } from '../command.ts';

/** Flags of how long a run goes on and of what it keeps, with NVIDIA's names where those have them. */
export interface RunFlags {
  /** Epochs of this run, of the training's; -1: all that are left. */
  readonly runEpochs: number;
  /** Epochs without a better top-1 after which training ends; -1: never. */
  readonly earlyStoppingPatience: number;
  /** Steps after which training stops, -1: none. */
  readonly prof: number;
  readonly trainingOnly?: boolean;
  /** The training data, where they are no argument. */
  readonly trainData?: string;
  readonly valData?: string;
  readonly valSplit?: number;
  /** Epochs from one evaluation to the next. */
  readonly evaluateEvery: number;
  readonly evaluate?: boolean;
  readonly explain?: boolean;
  /** Checkpoint to go on from, or the workspace it is in. */
  readonly resume?: string;
  /** Goes on although dataset, pipeline or settings are others. */
  readonly force?: boolean;
  /** Weights to start from. */
  readonly pretrainedFromFile?: string;
  readonly noCheckpoints?: boolean;
  readonly checkpointFilename: string;
  /** Steps from one checkpoint to the next; -1: an epoch. */
  readonly checkpointSteps: number;
  /** How many of the latest epochs keep a checkpoint. */
  readonly keep: number;
  /** Steps from one line of progress to the next; undefined: by the clock. */
  readonly printFreq?: number;
  /** How many samples with the highest loss are listed after each epoch; undefined: none. */
  readonly logOutliers?: number;
}

const { checkpoints } = trainDefaults;

/** They are kept in memory, and written as one line of metrics. */
const MOST_OUTLIERS = 1000;

/** A part is cut out of the training data: `use` says what for. */
export const valSplitOption = (use: string): Option =>
  numberOption(
    '--val-split <share>',
    `share of each class that is cut out of the training data to ${use} (default: none)`,
    undefined,
    share,
  );

export function addRunFlags(command: Command): Command {
  return addCheckpointFlags(addProgressFlags(addExtentFlags(addSourceFlags(command))));
}

function addSourceFlags(command: Command): Command {
  return command
    .optionsGroup('What is trained and evaluated on:')
    .option('--train-data <path>', 'training data, instead of the argument')
    .option('--val-data <path>', 'data to evaluate on (default: the val split of the training data)')
    .addOption(valSplitOption('evaluate on'));
}

/** How far a run goes, and when it evaluates. */
function addExtentFlags(command: Command): Command {
  return command
    .optionsGroup('Run:')
    .addOption(
      integerOption(
        '--run-epochs <n>',
        'epochs that this run trains (-1: all of --epochs)',
        -1,
        atLeastOneOrOff,
      ),
    )
    .addOption(
      integerOption(
        '--early-stopping-patience <n>',
        'stop after n epochs without a better top-1 (-1: never)',
        -1,
        atLeastOneOrOff,
      ),
    )
    .addOption(integerOption('--prof <n>', 'stop after n steps (-1: never)', -1, atLeastOneOrOff))
    .option('--training-only', 'do not evaluate')
    .addOption(
      integerOption(
        '--evaluate-every <epochs>',
        'evaluate on val after every n-th epoch and after the last',
        trainDefaults.evaluation.every,
        atLeast(1),
      ),
    )
    .option('--evaluate', 'do not train: evaluate the checkpoint of --resume, or --pretrained-from-file')
    .option('--explain', 'do not train: print what a step of --trainer graph takes, and its memory');
}

/** What is told of a run. */
function addProgressFlags(command: Command): Command {
  return command
    .addOption(
      integerOption(
        '-p, --print-freq <n>',
        'print a line of progress every n steps (default: every few seconds)',
        undefined,
        atLeast(1),
      ),
    )
    .addOption(
      integerOption(
        '--log-outliers <n>',
        'list the n samples with the highest loss of each epoch, and how to replay them',
        undefined,
        { min: 1, max: MOST_OUTLIERS },
      ),
    );
}

function addCheckpointFlags(command: Command): Command {
  const noCheckpoints = new Option('--no-checkpoints', 'write no checkpoints');
  // commander would call it checkpoints, which is true unless the flag is given
  noCheckpoints.negate = false;
  return command
    .optionsGroup('Checkpoints:')
    .option(
      '--resume <file|workspace>',
      'continue from a checkpoint: weights, optimizer, place in the stream',
    )
    .option(
      '--force',
      'with --resume: continue although the data, the pipeline or the settings changed; else: move an earlier run out of the way',
    )
    .option(
      '--pretrained-from-file <file>',
      'start from weights of millrace, timm, torchvision, efficientnet-pytorch or NVIDIA (safetensors, .pth)',
    )
    .option(
      '--checkpoint-filename <name>',
      'name of the last checkpoint, in the workspace',
      checkpoints.filename,
    )
    .addOption(
      integerOption(
        '--checkpoint-steps <n>',
        'write a checkpoint every n steps too (-1: after each epoch only)',
        -1,
        atLeastOneOrOff,
      ),
    )
    .addOption(
      integerOption(
        '--keep <n>',
        'number of latest epochs whose checkpoints are kept',
        checkpoints.keep,
        atLeast(1),
      ),
    )
    .addOption(noCheckpoints);
}
