import type { Command } from 'commander';
import { mebibytes } from '../../core/mebibytes.ts';
import { quantize } from '../../jobs.ts';
import { readingOf } from '../../streams/open-data.ts';
import type { QuantizedModel } from '../../training/quantize.ts';
import { optionsOfValues } from '../../training/settings.ts';
import { type CommandContext, makeCommand, runCommand } from '../command.ts';
import { describeAccuracy, describeQuantization, percent } from '../figures.ts';
import { addQuarantineFlag } from '../flags/bad-data-flags.ts';
import { addReadingFlags, dataSources, type ReadingFlags } from '../flags/data-flags.ts';
import { addCalibrationFlags, type CalibrationFlags } from '../flags/quantization-flags.ts';
import { valSplitOption } from '../flags/run-flags.ts';
import { addTrainerFlags, type TrainerFlags } from '../flags/trainer-flags.ts';
import { addWeightsFlags, type WeightsFlags, weightsChoice } from '../flags/weights-flags.ts';
import { logAdapter } from '../gpu-figures.ts';
import type { Terminal } from '../terminal.ts';

interface QuantizeFlags extends ReadingFlags, TrainerFlags, CalibrationFlags, WeightsFlags {
  readonly out: string;
  readonly ema?: boolean;
  readonly valData?: string;
  readonly valSplit?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  millrace quantize runs/<time> photos --out int8.safetensors
  millrace quantize runs/<time>/model_best.safetensors photos --out int8.safetensors --placement tensorrt
  millrace evaluate int8.safetensors photos`;

export function quantizeCommand(): Command {
  const command = makeCommand('quantize')
    .description(
      'Quantise a trained model to int8: choose ranges by training images, and write a checkpoint with them.',
    )
    .argument(
      '<checkpoint>',
      'file written by millrace train, or its workspace, or weights of others (docs/checkpoints.md)',
    )
    .argument('<data>', `its training data: ${dataSources}`)
    .requiredOption('--out <file>', 'checkpoint to be made (safetensors)')
    .option('--ema', 'quantise the moving average of the weights that --use-ema kept')
    .option('--val-data <path>', 'data to evaluate on (default: the val split of the data)')
    .addOption(valSplitOption('evaluate on, as it was for the training'))
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'print no progress')
    .addHelpText('after', examples)
    .action((checkpoint: string, data: string, flags: QuantizeFlags) =>
      runCommand(flags, (context) => runQuantization(checkpoint, data, flags, context)),
    );
  addWeightsFlags(command);
  addTrainerFlags(addCalibrationFlags(command.optionsGroup('Quantisation:')), 'trainer that runs the model');
  return addQuarantineFlag(addReadingFlags(command));
}

async function runQuantization(
  checkpoint: string,
  data: string,
  flags: QuantizeFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const options = optionsOfValues({ ...flags }, 'name');
  const {
    stream = {},
    quantization,
    evaluation,
    trainer,
    trainerBackend,
    device,
    threads,
    valShare,
  } = options;
  const progress = calibrationProgress(terminal);
  const quantized = await quantize({
    ...{ checkpoint, data, out: flags.out, stream, quantization, ...readingOf(flags), valShare, signal },
    ...{ ...weightsChoice(flags), trainerBackend, device, threads },
    ...(evaluation && { evaluation }),
    ...(trainer && { trainer }),
    average: flags.ema ?? false,
    onMessage: terminal.log,
    onProgress: progress,
    onGpu: logAdapter(terminal),
  });
  if (flags.json) terminal.data(JSON.stringify(quantized));
  else for (const line of describe(quantized)) terminal.data(line);
}

function calibrationProgress(terminal: Terminal): (done: number, total: number) => void {
  let bar: ReturnType<Terminal['progress']> | undefined;
  return (done, total) => {
    bar ??= terminal.progress(total, 'calibrating');
    bar.update(done, `batch ${done} of ${total}`);
    if (done === total) bar.stop();
  };
}

function describe({ path, quantization, classes, points, bytes, ...others }: QuantizedModel): string[] {
  const { accuracy, notEvaluated } = others;
  const { float32, int8 } = bytes;
  const size = `${mebibytes(int8)} in int8, ${percent(int8 / float32)} of the ${mebibytes(float32)} in float32`;
  return [
    `${path}: ${points} values ${describeQuantization(quantization)}`,
    `weights: ${size}`,
    ...(accuracy
      ? [
          `val in float32: ${describeAccuracy(accuracy.float32, classes)}`,
          `val in int8:    ${describeAccuracy(accuracy.int8, classes)} (${accuracy.int8.images} images)`,
        ]
      : [`${notEvaluated}: not evaluated`]),
  ];
}
