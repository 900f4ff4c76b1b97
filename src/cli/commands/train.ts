import type { Command } from 'commander';
import { ParameterError } from '../../core/errors.ts';
import { checkpointPath } from '../../training/resumption.ts';
import { optionsOfValues } from '../../training/settings.ts';
import type { TrainOptions } from '../../training/train-options.ts';
import { train } from '../../training/training.ts';
import type { TrainingResult } from '../../training/training-result.ts';
import { type CommandContext, makeCommand, runCommand } from '../command.ts';
import { dataSources } from '../flags/data-flags.ts';
import { answerReferenceFlags } from '../flags/reference-flags.ts';
import { addTrainCommandFlags, type TrainFlags } from '../flags/train-flags.ts';
import { TrainingPrinter } from '../training-printer.ts';
import { runEvaluation } from './evaluate.ts';

const examples = `
Examples:
  millrace train photos --arch efficientnet-nano --epochs 20
  millrace train photos --epochs 20 --resume runs/<time>    continue an interrupted training, with the same flags
  millrace train photos --val-split 0.1                     a tenth of each class is kept to evaluate on
  millrace train --train-data a/images --val-data b/images
  millrace train imagenet --preset efficientnet-b0          NVIDIA's recipe; --print-config shows it
  millrace train photos --data-backend gpu             images are augmented on the GPU
  millrace train photos --trainer none --prof 100      how fast the data side is
  millrace train photos --data-backend synthetic       how fast the trainer is`;

export function trainCommand(): Command {
  const command = makeCommand('train')
    .description(
      'Train a model on labelled images: data/train/<class>/*, data/val/<class>/*, or shards, or IDX files.',
    )
    .argument('[data]', `${dataSources}; divided into train/ and val/ or not`)
    .addHelpText('after', examples)
    .action((data: string | undefined, flags: TrainFlags) =>
      runCommand(flags, (context) => startTraining(data, flags, context)),
    );
  return addTrainCommandFlags(command);
}

async function startTraining(
  named: string | undefined,
  flags: TrainFlags,
  context: CommandContext,
): Promise<void> {
  answerReferenceFlags(flags, context.terminal.log);
  const data = trainingDataOf(named, flags);
  const options = { ...optionsOfValues({ ...flags }, 'name'), data };
  if (!flags.evaluate) await trainAndPrint(options, flags, context);
  else if (options.resume !== undefined)
    await runEvaluation(checkpointPath(options.resume, options), flags.valData ?? data, flags, context);
  else
    throw new ParameterError('INVALID_OPTION', '--evaluate: needs --resume <checkpoint>, which it evaluates');
}

function trainingDataOf(named: string | undefined, { trainData }: TrainFlags): string {
  if (named !== undefined && trainData !== undefined)
    throw new ParameterError('INVALID_OPTION', `--train-data: the training data are named already: ${named}`);
  // the parser has seen to it that one of them is there
  return (trainData ?? named) as string;
}

/** Trains, and prints what happens. */
export async function trainAndPrint(
  options: TrainOptions,
  { json, printFreq }: Pick<TrainFlags, 'json' | 'printFreq'>,
  { terminal, signal }: CommandContext,
): Promise<TrainingResult> {
  const training = train({
    ...options,
    signal,
    ...(json && { onMetrics: (record) => terminal.data(JSON.stringify(record)) }),
  });
  const printer = new TrainingPrinter(terminal, printFreq);
  // what ends it early is the result's to tell
  training.subscribe({ next: (event) => printer.print(event), error: () => {} });
  try {
    return await training.result;
  } finally {
    printer.stop();
  }
}
