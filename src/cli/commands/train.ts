import type { Command } from 'commander';
import { ParameterError } from '../../core/errors.ts';
import { type CommandContext, makeCommand, runCommand } from '../command.ts';
import { dataSources } from '../flags/data-flags.ts';
import { answerReferenceFlags } from '../flags/reference-flags.ts';
import { addTrainCommandFlags, type TrainFlags } from '../flags/train-flags.ts';
import { withGpu } from '../flags/with-gpu.ts';
import { checkpointPath } from '../training/resumption.ts';
import { type TrainingResult, trainOn } from '../training/train-on.ts';
import { runEvaluation } from './evaluate.ts';

const examples = `
Examples:
  millrace train photos --arch efficientnet-nano --epochs 20
  millrace train photos --epochs 20 --resume runs/<time>    go on where it was interrupted, with the same flags
  millrace train imagenet --preset efficientnet-b0          NVIDIA's recipe; --print-config shows it
  millrace train photos --data-backend gpu             images are augmented on the GPU
  millrace train photos --trainer none --prof 100      how fast the data side is
  millrace train photos --data-backend synthetic       how fast the trainer is`;

export function trainCommand(): Command {
  const command = makeCommand('train')
    .description(
      'Train a model on labelled images: data/train/<class>/*, data/val/<class>/*, or shards, or IDX files.',
    )
    .argument('[data]', `${dataSources}; with train/ and val/ in it or without`)
    .addHelpText('after', examples)
    .action((data: string, flags: TrainFlags) =>
      runCommand(flags, (context) => startTraining(data, flags, context)),
    );
  return addTrainCommandFlags(command);
}

async function startTraining(data: string, flags: TrainFlags, context: CommandContext): Promise<void> {
  answerReferenceFlags(flags, context.terminal.log);
  if (flags.evaluate) await evaluateResumed(data, flags, context);
  else await runTraining(data, flags, context);
}

function evaluateResumed(data: string, flags: TrainFlags, context: CommandContext): Promise<void> {
  const path = checkpointPath(flags);
  if (path !== undefined) return runEvaluation(path, data, flags, context);
  throw new ParameterError('INVALID_OPTION', '--evaluate: needs --resume <checkpoint>, which it evaluates');
}

/** Trains; writes metrics, checkpoints and a report to the workspace; evaluates on val if there is one. */
export function runTraining(
  data: string,
  flags: TrainFlags,
  context: CommandContext,
): Promise<TrainingResult> {
  return withGpu(flags, context.terminal.log, (gpu) => trainOn(gpu, data, flags, context));
}
