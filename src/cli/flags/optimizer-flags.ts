import type { Command } from 'commander';
import {
  type LossName,
  losses,
  type OptimizerName,
  optimizers,
  type StochasticDepth,
} from '../../core/trainer.ts';
import { quantizedBase, trainDefaults } from '../../training/complete-options.ts';
import { type LearningRateSchedule, schedules, warmupOfDefault } from '../../training/schedule.ts';
import {
  atLeast,
  atLeastOneOrOff,
  choiceOption,
  integerOption,
  listOption,
  numberOption,
  share,
} from '../command.ts';

/** Flags of what a step does to the weights, with the names of NVIDIA's scripts where those have them. */
export interface OptimizerFlags {
  readonly epochs: number;
  readonly lr?: number;
  readonly lrSchedule: LearningRateSchedule;
  readonly endLr: number;
  readonly warmup?: number;
  /** Rows an update, gathered over several batches; -1: those of one batch. */
  readonly optimizerBatchSize: number;
  readonly optimizer: OptimizerName;
  readonly momentum: number;
  readonly nesterov?: boolean;
  readonly weightDecay: number;
  readonly bnWeightDecay?: boolean;
  readonly rmspropAlpha: number;
  readonly rmspropEps: number;
  /** Undefined: as the data ask for. */
  readonly loss?: LossName;
  readonly labelSmoothing: number;
  /** `balanced`, or the path of a file. */
  readonly classWeights?: string;
  readonly stochasticDepth: StochasticDepth;
  /** Decay of the weights' moving average; undefined: none is kept. */
  readonly useEma?: number;
  /** Beginnings of layers' names. */
  readonly freeze?: readonly string[];
  readonly bodyLr?: number;
}

const { optimizer, schedule } = trainDefaults;
const depthModes: readonly StochasticDepth[] = ['sample', 'batch'];

export function addOptimizerFlags(command: Command): Command {
  addScheduleFlags(command.optionsGroup('Optimisation:'));
  addUpdateFlags(command);
  return addFineTuningFlags(addRegularisationFlags(command));
}

/** How weights are updated. */
function addUpdateFlags(command: Command): Command {
  return command
    .addOption(
      integerOption(
        '--optimizer-batch-size <n>',
        'rows per update of the weights, gathered over several batches (-1: one batch)',
        -1,
        atLeastOneOrOff,
      ),
    )
    .addOption(
      choiceOption('--optimizer <name>', 'what updates the weights', optimizers, optimizer.optimizer),
    )
    .addOption(numberOption('--momentum <m>', 'momentum of the optimizer', optimizer.momentum, share))
    .option('--nesterov', 'use Nesterov momentum (sgd)')
    .addOption(
      numberOption(
        '--wd, --weight-decay <wd>',
        "weight decay, on all weights but batch norm's",
        optimizer.weightDecay,
        atLeast(0),
      ),
    )
    .option('--bn-weight-decay', "decay batch norm's weights as well")
    .addOption(
      numberOption(
        '--rmsprop-alpha <a>',
        'decay of the mean square (rmsprop)',
        optimizer.rmspropAlpha,
        share,
      ),
    )
    .addOption(
      numberOption(
        '--rmsprop-eps <e>',
        'number added to the root of the mean square (rmsprop)',
        optimizer.rmspropEpsilon,
        atLeast(0),
      ),
    );
}

/** What keeps weights general. */
function addRegularisationFlags(command: Command): Command {
  return command
    .addOption(
      choiceOption(
        '--loss <name>',
        'what compares guesses with labels: cross-entropy of one class, or bce (binary, of each class); default: bce where images may have several classes',
        losses,
      ),
    )
    .addOption(
      numberOption(
        '--label-smoothing <s>',
        'share of the target that is spread over all classes',
        optimizer.labelSmoothing,
        share,
      ),
    )
    .option(
      '--class-weights <balanced|file>',
      'weights of the classes in the loss: balanced (rare ones count more), or a JSON file such as {"cat": 2} (default: all alike)',
    )
    .addOption(
      choiceOption(
        '--stochastic-depth <mode>',
        'drop blocks per sample, or per batch as NVIDIA’s code does',
        depthModes,
        optimizer.stochasticDepth,
      ),
    )
    .addOption(
      numberOption(
        '--use-ema <decay>',
        'keep a moving average of the weights with this decay, and evaluate it too',
        undefined,
        share,
      ),
    );
}

/** What keeps weights that a training starts from. */
function addFineTuningFlags(command: Command): Command {
  return command
    .addOption(
      listOption(
        '--freeze <prefix,...>',
        'layers that do not learn, by the beginning of their names, such as stem,layers.0 (repeatable)',
      ),
    )
    .addOption(
      numberOption(
        '--body-lr <factor>',
        'factor on the learning rate of all layers but the classifier (default: 1)',
        undefined,
        atLeast(0),
      ),
    );
}

function addScheduleFlags(command: Command): Command {
  return command
    .addOption(integerOption('--epochs <n>', 'passes over the training images', schedule.epochs, atLeast(1)))
    .addOption(
      numberOption(
        '--learning-rate, --lr <rate>',
        `learning rate after the warm-up (default: ${schedule.base}, with --quantized ${quantizedBase})`,
        undefined,
        atLeast(0),
      ),
    )
    .addOption(
      choiceOption(
        '--lr-schedule <name>',
        'how the learning rate falls over the epochs',
        schedules,
        schedule.schedule,
      ),
    )
    .addOption(
      numberOption(
        '--end-lr <rate>',
        'learning rate that cosine and linear fall to',
        schedule.end,
        atLeast(0),
      ),
    )
    .addOption(
      integerOption(
        '--warmup <epochs>',
        `epochs of linear warm-up (default: ${warmupOfDefault(schedule.epochs)} without --lr, where there are more epochs, else ${schedule.warmup})`,
        undefined,
        atLeast(0),
      ),
    );
}
