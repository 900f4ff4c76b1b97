import type { Command } from 'commander';
import type { TrainingSettings } from '../core/trainer.ts';
import { type LearningRateSchedule, type ScheduleOptions, schedules } from '../training/schedule.ts';
import { atLeast, choiceOption, integerOption, numberOption } from './command.ts';
import type { DataFlags } from './data-flags.ts';
import { architectures, type ModelFlags } from './model-flags.ts';
import { tfjsBackendFlag } from './tfjs-backend.ts';

/** Flags of training, with the names of NVIDIA's scripts where those have them. */
export interface TrainFlags extends DataFlags, ModelFlags {
  readonly imageSize?: number;
  readonly trainer: string;
  readonly tfjsBackend?: string;
  readonly epochs: number;
  /** Default 1. */
  readonly evaluateEvery?: number;
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
  readonly prof: number;
  readonly workspace?: string;
  readonly raportFile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function addTrainFlags(command: Command): Command {
  return command
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
    .addOption(integerOption('--evaluate-every <epochs>', 'on val, and after the last epoch', 1, atLeast(1)))
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
    .addOption(integerOption('--prof <n>', 'stop after n steps (-1: do not)', -1));
}

export function settingsOf(flags: TrainFlags): TrainingSettings {
  const { optimizer, momentum, weightDecay, rmspropAlpha, rmspropEps, labelSmoothing } = flags;
  return { optimizer, momentum, weightDecay, rmspropAlpha, rmspropEpsilon: rmspropEps, labelSmoothing };
}

export function scheduleOf({ lrSchedule, lr, endLr, warmup, epochs }: TrainFlags): ScheduleOptions {
  return { schedule: lrSchedule, base: lr, end: endLr, warmup, epochs };
}
