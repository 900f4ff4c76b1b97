import type { Command } from 'commander';
import { ParameterError } from '../core/errors.ts';
import { defaultMetricsFile } from '../report/run-files.ts';
import { addQuarantineFlag } from './bad-data-flags.ts';
import { type CommandContext, makeCommand, runCommand } from './command.ts';
import { dataSources } from './data-flags.ts';
import { runEvaluation } from './evaluate.ts';
import { answerReferenceFlags } from './reference-flags.ts';
import { checkpointPath } from './resumption.ts';
import { addTrainFlags, type TrainFlags } from './train-flags.ts';
import { type TrainingResult, trainOn } from './train-on.ts';
import { withGpu } from './with-gpu.ts';

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
    .option(
      '--workspace <folder>',
      "for metrics, checkpoints and report (default: runs/<time>, or --resume's)",
    )
    .option('--raport-file <name>', 'metrics in the workspace, as JSON lines', defaultMetricsFile)
    .option('--json', 'print metrics to stdout as JSON lines')
    .option('--quiet', 'no progress')
    .addHelpText('after', examples)
    .action((data: string, flags: TrainFlags) =>
      runCommand(flags, (context) => startTraining(data, flags, context)),
    );
  return addQuarantineFlag(addTrainFlags(command), "the workspace's quarantine.jsonl");
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
