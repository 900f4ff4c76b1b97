import type { Command } from 'commander';
import { ParameterError } from '../../core/errors.ts';
import { openRanks } from '../../ranks/open-ranks.ts';
import { explainRun } from '../../training/explain-run.ts';
import { resumedOptions } from '../../training/resumed-options.ts';
import { checkpointPath } from '../../training/resumption.ts';
import { optionsOfValues, settingValues } from '../../training/settings.ts';
import type { TrainOptions } from '../../training/train-options.ts';
import { train } from '../../training/training.ts';
import type { TrainingResult } from '../../training/training-result.ts';
import { type CommandContext, makeCommand, runCommand } from '../command.ts';
import { givenFlags } from '../flags/configuration.ts';
import { dataSources } from '../flags/data-flags.ts';
import { withoutIdleLossScale } from '../flags/precision.ts';
import { answerReferenceFlags } from '../flags/reference-flags.ts';
import { addTrainCommandFlags, type TrainFlags } from '../flags/train-flags.ts';
import { weightsChoice } from '../flags/weights-flags.ts';
import { type PrintingOptions, TrainingPrinter } from '../training-printer.ts';
import { runEvaluation } from './evaluate.ts';

const examples = `
Examples:
  millrace train photos --arch efficientnet-nano --epochs 20
  millrace train --resume runs/<time>                  continue an interrupted training, with its data and flags
  millrace train photos --val-split 0.1                     a tenth of each class is kept to evaluate on
  millrace train --train-data a/images --val-data b/images
  millrace train imagenet --preset efficientnet-b0          NVIDIA's recipe; --print-config shows it
  millrace train photos --data-backend gpu             images are augmented on the GPU
  millrace train photos --amp --explain                     what a step takes: work, memory; trains nothing
  millrace train photos --trainer none --prof 100      how fast the data side is
  millrace train photos --data-backend synthetic       how fast the trainer is`;

export function trainCommand(): Command {
  const command = makeCommand('train')
    .description(
      'Train a model on labelled images: data/train/<class>/*, data/val/<class>/*, or shards, or IDX files.',
    )
    .argument('[data]', `${dataSources}; divided into train/ and val/ or not`)
    .addHelpText('after', examples)
    .action((data: string | undefined, flags: TrainFlags, self: Command) =>
      runCommand(flags, (context) => startTraining(data, flags, self, context)),
    );
  return addTrainCommandFlags(command);
}

async function startTraining(
  named: string | undefined,
  flags: TrainFlags,
  command: Command,
  context: CommandContext,
): Promise<void> {
  const timeoutMs = flags.rankTimeout && flags.rankTimeout * 1000;
  const ranks = await context.join(openRanks({ timeoutMs, signal: context.signal }));
  const { log } = context.terminal;
  // of a run that is continued only what is typed says otherwise
  const values = flags.resume === undefined ? withoutIdleLossScale({ ...flags }, log) : givenFlags(command);
  answerReferenceFlags(flags, log);
  const data = trainingDataOf(named, flags);
  // without data there is a run to continue, as the parser has seen to
  const options = { ...optionsOfValues(values, 'name'), ...(data && { data }), ranks } as TrainOptions;
  if (ranks.size > 1) refuseRanks(flags);
  if (flags.explain) context.terminal.data(await explainRun(options, log));
  else if (flags.evaluate) await evaluateInstead(options, flags, command, context);
  else await trainAndPrint(options, flags, context);
}

/** What is no training is done once. */
function refuseRanks({ explain, evaluate }: TrainFlags): void {
  const flag = explain ? '--explain' : evaluate ? '--evaluate' : undefined;
  if (flag === undefined) return;
  throw new ParameterError(
    'INVALID_OPTION',
    `${flag} trains nothing that ranks could share: run it without a launcher`,
  );
}

/** `--evaluate`: with the data and the flags of the run, where none are named. */
async function evaluateInstead(
  options: TrainOptions,
  flags: TrainFlags,
  command: Command,
  context: CommandContext,
): Promise<void> {
  const { resume, pretrained, data } = options;
  const evaluated = flags.valData ?? data;
  if (resume === undefined && pretrained === undefined)
    throw new ParameterError(
      'INVALID_OPTION',
      '--evaluate: needs --resume <checkpoint> or --pretrained-from-file <file>, which it evaluates',
    );
  if (resume === undefined) {
    const checkpoint = checkpointPath(pretrained as string);
    const choice = weightsChoice(givenFlags(command));
    return runEvaluation({ checkpoint, data: evaluated as string, ...choice }, flags, context);
  }
  const checkpoint = checkpointPath(resume, options);
  if (typeof evaluated === 'string') return runEvaluation({ checkpoint, data: evaluated }, flags, context);
  const run = await resumedOptions(options);
  const values = { ...flags, ...settingValues(run, 'name') };
  await runEvaluation({ checkpoint: checkpointPath(resume, run), data: run.data as string }, values, context);
}

function trainingDataOf(named: string | undefined, { trainData }: TrainFlags): string | undefined {
  if (named !== undefined && trainData !== undefined)
    throw new ParameterError('INVALID_OPTION', `--train-data: the training data are named already: ${named}`);
  return trainData ?? named;
}

/** Trains, and prints what happens. */
export async function trainAndPrint(
  options: TrainOptions,
  { json, ...printing }: Pick<TrainFlags, 'json'> & PrintingOptions,
  { terminal, signal }: CommandContext,
): Promise<TrainingResult> {
  const training = train({
    ...options,
    signal,
    ...(json && { onMetrics: (record) => terminal.data(JSON.stringify(record)) }),
  });
  const printer = new TrainingPrinter(terminal, printing);
  // what ends it early is the result's to tell
  training.subscribe({ next: (event) => printer.print(event), error: () => {} });
  try {
    return await training.result;
  } finally {
    printer.stop();
  }
}
