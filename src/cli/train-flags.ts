import type { Command } from 'commander';
import type { TrainingSettings } from '../core/trainer.ts';
import { type LearningRateSchedule, type ScheduleOptions, schedules } from '../training/schedule.ts';
import { atLeast, choiceOption, integerOption, numberOption } from './command.ts';
import type { DataFlags } from './data-flags.ts';
import { architectures, type ModelFlags } from './model-flags.ts';
import { addRunFlags, type RunFlags } from './run-flags.ts';
import { tfjsBackendFlag } from './tfjs-backend.ts';

/** Flags of training, with the names of NVIDIA's scripts where those have them. */
export interface TrainFlags extends DataFlags, ModelFlags, RunFlags {
  readonly imageSize?: number;
  readonly trainer: string;
  readonly tfjsBackend?: string;
  readonly epochs: number;
  readonly lr: number;
  readonly lrSchedule: LearningRateSchedule;
  readonly endLr: number;
  readonly warmup: number;
  readonly optimizer: 'sgd' | 'rmsprop';
  readonly momentum: number;
  readonly weightDecay: number;
  readonly rmspropAlpha: number;
  readonly rmspropEps: number;
  readonly labelSmoothing: number;
  /** Rows an update, gathered over several batches; -1: those of one batch. */
  readonly optimizerBatchSize: number;
  /** Decay of the weights' moving average; undefined: none is kept. */
  readonly useEma?: number;
  readonly workspace?: string;
  readonly raportFile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function addTrainFlags(command: Command): Command {
  command
    .addOption(choiceOption('-a, --arch <name>', 'model', architectures, 'efficientnet-nano'))
    .addOption(numberOption('--width <factor>', "on channels, instead of the model's own"))
    .addOption(numberOption('--depth <factor>', "on blocks a stage, instead of the model's own"))
    .addOption(
      integerOption('--stem-stride <n>', '1 keeps the resolution of small images', undefined, {
        min: 1,
        max: 2,
      }),
    )
    .option(
      '--trainer <name>',
      "tfjs, none (drops batches), or a module of your own such as './trainer.js'",
      'tfjs',
    )
    .option(...tfjsBackendFlag)
    .addOption(integerOption('--epochs <n>', 'passes over the training images', 10, atLeast(1)))
    .addOption(numberOption('--lr <rate>', 'learning rate after the warm-up', 0.1, atLeast(0)))
    .addOption(choiceOption('--lr-schedule <name>', 'over epochs', schedules, 'cosine'))
    .addOption(numberOption('--end-lr <rate>', 'that cosine falls to', 0, atLeast(0)))
    .addOption(integerOption('--warmup <epochs>', 'of linear warm-up', 0, atLeast(0)))
    .addOption(choiceOption('--optimizer <name>', 'of the weights', ['sgd', 'rmsprop'], 'sgd'))
    .addOption(numberOption('--momentum <m>', 'of the optimizer', 0.9, { min: 0, max: 1 }))
    .addOption(numberOption('--weight-decay <wd>', "on all weights but batch norm's", 1e-4, atLeast(0)))
    .addOption(numberOption('--rmsprop-alpha <a>', 'decay of the mean square', 0.9, { min: 0, max: 1 }))
    .addOption(numberOption('--rmsprop-eps <e>', 'added to its root', 0.01, atLeast(0)))
    .addOption(
      numberOption('--label-smoothing <s>', 'share of the target spread over all classes', 0.1, {
        min: 0,
        max: 1,
      }),
    )
    .addOption(
      integerOption(
        '--optimizer-batch-size <n>',
        'rows an update, over as many batches as that takes (-1: one batch)',
        -1,
      ),
    )
    .addOption(
      numberOption('--use-ema <decay>', "evaluate the weights' moving average too", undefined, {
        min: 0,
        max: 1,
      }),
    );
  return addRunFlags(command);
}

export function settingsOf(flags: TrainFlags): TrainingSettings {
  const { optimizer, momentum, weightDecay, rmspropAlpha, rmspropEps, labelSmoothing, useEma } = flags;
  return {
    optimizer,
    momentum,
    weightDecay,
    rmspropAlpha,
    rmspropEpsilon: rmspropEps,
    labelSmoothing,
    ...(useEma !== undefined && { emaDecay: useEma }),
  };
}

export function scheduleOf({ lrSchedule, lr, endLr, warmup, epochs }: TrainFlags): ScheduleOptions {
  return { schedule: lrSchedule, base: lr, end: endLr, warmup, epochs };
}
