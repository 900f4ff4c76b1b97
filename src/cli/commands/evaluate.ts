import type { Command } from 'commander';
import type { Gpu } from '../../../backends/gpu/device/device.ts';
import { DataError, ParameterError } from '../../core/errors.ts';
import type { TensorMap, TrainerState } from '../../core/trainer.ts';
import { splitsOf } from '../../datasets/open-dataset.ts';
import { loadCheckpoint } from '../../trainers/checkpoint.ts';
import { openTrainer } from '../../trainers/open-trainer.ts';
import { checkClasses } from '../../training/check-classes.ts';
import { fromMetadata } from '../../training/checkpoint-metadata.ts';
import { evaluate } from '../../training/evaluate.ts';
import { type CommandContext, makeCommand, runCommand } from '../command.ts';
import { describeBadSamples, describeEvaluation } from '../figures.ts';
import { addQuarantineFlag } from '../flags/bad-data-flags.ts';
import { addReadingFlags, dataSources, evaluationPipeline, type ReadingFlags } from '../flags/data-flags.ts';
import { openData } from '../flags/open-data.ts';
import { addPrecisionFlags, choosePrecision, type PrecisionFlags } from '../flags/precision.ts';
import { tfjsBackendFlag, tfjsBackendFor } from '../flags/tfjs-backend.ts';
import { withGpu } from '../flags/with-gpu.ts';

interface EvaluateFlags extends ReadingFlags, PrecisionFlags {
  readonly trainer: string;
  readonly tfjsBackend?: string;
  readonly ema?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  millrace evaluate runs/<time>/checkpoint.safetensors photos
  millrace evaluate checkpoint.safetensors photos/val --json`;

export function evaluateCommand(): Command {
  const command = makeCommand('evaluate')
    .description(
      'Top-1 and top-5 accuracy of a checkpoint on labelled images, at the size it was trained at.',
    )
    .argument('<checkpoint>', 'file written by millrace train')
    .argument('<data>', `${dataSources}; with val/ in it or without`)
    .option('--trainer <name>', 'what runs the model', 'tfjs')
    .option(...tfjsBackendFlag)
    .option('--ema', 'evaluate the moving average that --use-ema kept')
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', examples)
    .action((checkpoint: string, data: string, flags: EvaluateFlags) =>
      runCommand(flags, (context) => runEvaluation(checkpoint, data, flags, context)),
    );
  return addQuarantineFlag(addReadingFlags(addPrecisionFlags(command)));
}

/** Prints the accuracy of a checkpoint. */
export function runEvaluation(
  checkpoint: string,
  data: string,
  flags: EvaluateFlags,
  context: CommandContext,
): Promise<void> {
  return withGpu(flags, context.terminal.log, (gpu) => evaluateOn(gpu, checkpoint, data, flags, context));
}

async function evaluateOn(
  gpu: Gpu | undefined,
  path: string,
  data: string,
  flags: EvaluateFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  if (flags.dataBackend === 'synthetic')
    throw new ParameterError('INVALID_OPTION', "evaluate: the data backend 'synthetic' reads no images");
  const backend = tfjsBackendFor(flags.tfjsBackend, gpu?.adapter);
  const trainer = await openTrainer(flags.trainer, { backend });
  const precision = await choosePrecision(trainer, flags);
  const { state, metadata } = await loadCheckpoint(path);
  const { model, classes, imageSize, interpolation } = fromMetadata(path, metadata);
  const dataset = openData(data, splitsOf(data).length > 0 ? { split: 'val' } : {}, flags, terminal.log);
  checkClasses(dataset, classes);
  const stream = evaluationPipeline(dataset, { ...flags, imageSize, interpolation }, { signal });
  try {
    await trainer.prepare(model, {
      precision,
      seed: flags.seed,
      settings: evaluationSettings,
      ...(gpu && { device: gpu.device }),
    });
    await trainer.load({ weights: weightsOf(path, state, flags), optimizer: {} });
    const result = await evaluate(stream, trainer);
    const { speed: _, ...figures } = result;
    const bad = describeBadSamples(stream, flags.quarantine);
    if (bad !== undefined) terminal.log(bad);
    terminal.data(flags.json ? JSON.stringify(figures) : describeEvaluation(result));
  } finally {
    await trainer.close();
  }
}

function weightsOf(
  path: string,
  { weights, average }: TrainerState,
  { ema = false }: EvaluateFlags,
): TensorMap {
  if (!ema) return weights;
  if (average !== undefined) return average;
  throw new DataError('NO_AVERAGE', `${path}: has no moving average: it was trained without --use-ema`);
}

/** No step is taken: these only fill the contract. */
export const evaluationSettings = {
  optimizer: 'sgd',
  momentum: 0,
  weightDecay: 0,
  rmspropAlpha: 0.9,
  rmspropEpsilon: 0.01,
  labelSmoothing: 0,
} as const;
