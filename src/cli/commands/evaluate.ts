import type { Command } from 'commander';
import { evaluate } from '../../jobs.ts';
import { readingOf } from '../../streams/open-data.ts';
import type { CheckpointEvaluation } from '../../training/evaluate.ts';
import { optionsOfValues } from '../../training/settings.ts';
import { saysTop5 } from '../../workspace/class-figures.ts';
import { classLines } from '../class-table.ts';
import { type CommandContext, makeCommand, runCommand } from '../command.ts';
import { describeAccuracy, describeBadSamples } from '../figures.ts';
import { addQuarantineFlag } from '../flags/bad-data-flags.ts';
import { addReadingFlags, dataSources, type ReadingFlags } from '../flags/data-flags.ts';
import { addPrecisionFlags, type PrecisionFlags } from '../flags/precision.ts';
import { valSplitOption } from '../flags/run-flags.ts';
import { addTrainerFlags, type TrainerFlags } from '../flags/trainer-flags.ts';
import { logAdapter } from '../gpu-figures.ts';

interface EvaluateFlags extends ReadingFlags, PrecisionFlags, TrainerFlags {
  readonly valSplit?: number;
  readonly ema?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  millrace evaluate runs/<time> photos
  millrace evaluate checkpoint.safetensors photos/val --json`;

export function evaluateCommand(): Command {
  const command = makeCommand('evaluate')
    .description(
      'Measure the accuracy of a checkpoint on labelled images, of each class too, at the size it was trained at.',
    )
    .argument('<checkpoint>', 'file written by millrace train, or its workspace')
    .argument('<data>', `${dataSources}; with a val/ folder or without`)
    .option('--ema', 'evaluate the moving average of the weights that --use-ema kept')
    .addOption(valSplitOption('evaluate on, as it was for the training'))
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'print no progress')
    .addHelpText('after', examples)
    .action((checkpoint: string, data: string, flags: EvaluateFlags) =>
      runCommand(flags, (context) => runEvaluation(checkpoint, data, flags, context)),
    );
  addPrecisionFlags(addTrainerFlags(command, 'trainer that runs the model'));
  return addQuarantineFlag(addReadingFlags(command));
}

/** Prints the accuracy of a checkpoint. */
export async function runEvaluation(
  checkpoint: string,
  data: string,
  flags: EvaluateFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const options = optionsOfValues({ ...flags }, 'name');
  const { stream = {}, trainer, trainerBackend, device, threads, precision, valShare } = options;
  const {
    badSamples,
    speed: _,
    ...figures
  } = await evaluate({
    ...{ checkpoint, data, stream, ...readingOf(flags), valShare, signal },
    ...{ trainerBackend, device, threads },
    ...(trainer && { trainer }),
    ...(precision && { precision }),
    average: flags.ema ?? false,
    onMessage: terminal.log,
    onGpu: logAdapter(terminal),
  });
  const bad = describeBadSamples(badSamples, flags.quarantine);
  if (bad !== undefined) terminal.log(bad);
  const { top5, ...others } = figures;
  const classes = figures.classes?.length ?? Number.POSITIVE_INFINITY;
  if (flags.json) terminal.data(JSON.stringify(saysTop5(classes) ? figures : others));
  else for (const line of describe(figures, classes)) terminal.data(line);
}

function describe(figures: Omit<CheckpointEvaluation, 'badSamples' | 'speed'>, classes: number): string[] {
  const { images, classes: ofEach } = figures;
  return [
    `val: ${describeAccuracy(figures, classes)} (${images} images)`,
    ...(ofEach ? classLines(ofEach) : []),
  ];
}
