import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { DataError } from '../../core/errors.ts';
import { imageFolder } from '../../datasets/folder/image-folder.ts';
import { atLeast, type CommandContext, integerOption, makeCommand, runCommand } from '../command.ts';
import { percent } from '../figures.ts';
import { defaultTrainFlags, type TrainFlags } from '../flags/train-flags.ts';
import { writePreview } from '../training/write-preview.ts';
import { runTraining } from './train.ts';

const REQUIRED_TOP1 = 0.85;

/** The demo's training: what `millrace train <out>/photographs` with these flags does. */
const flags: TrainFlags = {
  ...defaultTrainFlags(),
  arch: 'efficientnet-nano',
  imageSize: 64,
  batchSize: 32,
  epochs: 120,
  evaluateEvery: 10,
  augmentation: 'autoaugment',
  policy: 'v0',
  mixup: 0.2,
  interpolation: 'bilinear',
  optimizer: 'sgd',
  lr: 0.15,
  lrSchedule: 'cosine',
  warmup: 2,
  momentum: 0.9,
  weightDecay: 1e-4,
  labelSmoothing: 0.1,
  trainer: 'tfjs',
  tfjsBackend: 'wasm',
  dataBackend: 'cpu',
  seed: 1,
};

interface DemoFlags {
  readonly out: string;
  readonly epochs: number;
  readonly quiet?: boolean;
}

export function demoCommand(): Command {
  return makeCommand('demo')
    .description(
      'Train a small EfficientNet to tell eight photographs apart by parts of them it has never seen.',
    )
    .option('--out <folder>', 'for data, metrics, checkpoint, report and preview', 'demo-output')
    .addOption(integerOption('--epochs <n>', 'passes over the training crops', flags.epochs, atLeast(1)))
    .option('--quiet', 'no progress')
    .addHelpText('after', '\nExamples:\n  millrace demo\n  millrace demo --epochs 5 --out /tmp/demo')
    .action((given: DemoFlags) => runCommand(given, (context) => runDemo(given, context)));
}

async function runDemo({ out, epochs, quiet = false }: DemoFlags, context: CommandContext): Promise<void> {
  const { terminal, signal } = context;
  const data = join(out, 'photographs');
  const { writeDemoPhotographs } = await import('../../demo/photographs.ts');
  const state = await writeDemoPhotographs(data, signal);
  terminal.log(`${state === 'made' ? 'cut' : 'kept'} the photographs: ${data}`);
  const workspace = join(out, 'training');
  rmSync(workspace, { recursive: true, force: true });
  const start = performance.now();
  const { top1 } = await runTraining(data, { ...flags, epochs, quiet, workspace }, context);
  const seconds = (performance.now() - start) / 1000;
  if (top1 === undefined) throw new DataError('NO_EVALUATION', `${data}: has no val folder`);

  const grid = join(out, 'preview.png');
  await writePreview(imageFolder(data), { ...flags, samples: 6, versions: 5 }, grid, { signal });
  terminal.log(`what training saw: ${grid}`);
  terminal.data(
    `top-1 ${percent(top1)} on parts of the photographs that training never saw (${seconds.toFixed(0)} s)`,
  );
  // a shorter training is a look at the machinery, and promises nothing
  if (top1 >= REQUIRED_TOP1 || epochs < flags.epochs) return;
  throw new DataError(
    'DEMO_ACCURACY',
    `top-1 is ${percent(top1)}, expected at least ${percent(REQUIRED_TOP1)}`,
  );
}
