import type { Command } from 'commander';
import type { Gpu } from '../../backends/gpu/device.ts';
import { ParameterError } from '../core/errors.ts';
import { openDataset, splitsOf } from '../datasets/open-dataset.ts';
import { loadCheckpoint } from '../trainers/checkpoint.ts';
import { openTrainer } from '../trainers/trainer.ts';
import { fromMetadata } from '../training/checkpoint-metadata.ts';
import { evaluate } from '../training/evaluate.ts';
import { type CommandContext, makeCommand, runCommand } from './command.ts';
import {
  addReadingFlags,
  checkClasses,
  dataSources,
  evaluationPipeline,
  type ReadingFlags,
} from './data-flags.ts';
import { describeEvaluation } from './figures.ts';
import { tfjsBackendFlag, tfjsBackendFor } from './tfjs-backend.ts';
import { withGpu } from './with-gpu.ts';

interface EvaluateFlags extends ReadingFlags {
  readonly trainer: string;
  readonly tfjsBackend?: string;
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
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', examples)
    .action((checkpoint: string, data: string, flags: EvaluateFlags) =>
      runCommand(flags, (context) =>
        withGpu(flags, context.terminal.log, (gpu) => runEvaluation(checkpoint, data, flags, context, gpu)),
      ),
    );
  return addReadingFlags(command);
}

async function runEvaluation(
  path: string,
  data: string,
  flags: EvaluateFlags,
  { terminal, signal }: CommandContext,
  gpu: Gpu | undefined,
): Promise<void> {
  if (flags.dataBackend === 'synthetic')
    throw new ParameterError('INVALID_OPTION', "evaluate: the data backend 'synthetic' reads no images");
  const { state, metadata } = await loadCheckpoint(path);
  const { model, classes, imageSize, interpolation } = fromMetadata(path, metadata);
  const dataset = openDataset(data, splitsOf(data).length > 0 ? { split: 'val' } : {});
  checkClasses(dataset, classes);
  const stream = evaluationPipeline(dataset, { ...flags, imageSize, interpolation }, { signal });
  const backend = tfjsBackendFor(flags.tfjsBackend, gpu?.adapter);
  const trainer = await openTrainer(flags.trainer, { backend });
  try {
    await trainer.prepare(model, {
      precision: 'float32',
      seed: flags.seed,
      settings: evaluationSettings,
      ...(gpu && { device: gpu.device }),
    });
    await trainer.load(state);
    const result = await evaluate(stream, trainer);
    const { speed: _, ...figures } = result;
    terminal.data(flags.json ? JSON.stringify(figures) : describeEvaluation(result));
  } finally {
    await trainer.close();
  }
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
