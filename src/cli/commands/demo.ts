import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { DataError } from '../../core/errors.ts';
import { imageFolder } from '../../datasets/folder/image-folder.ts';
import { renderPreview } from '../../jobs.ts';
import { alone } from '../../ranks/ranks.ts';
import type { TrainOptions } from '../../training/train-options.ts';
import { atLeast, type CommandContext, integerOption, makeCommand, runCommand } from '../command.ts';
import { percent } from '../figures.ts';
import { trainAndPrint } from './train.ts';

const REQUIRED_TOP1 = 0.85;

/** The demo's training. */
const options = {
  model: 'efficientnet-nano',
  stream: { batchSize: 32, backend: 'cpu', seed: 1 },
  recipe: {
    ...{ imageSize: 64, interpolation: 'bilinear', mixup: 0.2 },
    // 225 pixels would leave nothing of images this small
    ...{ augmentation: 'autoaugment', policy: 'v0', translate: 'relative' },
  },
  optimizer: { optimizer: 'sgd', momentum: 0.9, weightDecay: 1e-4, labelSmoothing: 0.1 },
  schedule: { epochs: 120, schedule: 'cosine', base: 0.15, warmup: 2 },
  evaluation: { every: 10 },
} as const satisfies Omit<TrainOptions, 'data'>;
const { epochs: allEpochs } = options.schedule;

interface DemoFlags {
  readonly out: string;
  readonly epochs: number;
  readonly quiet?: boolean;
}

export function demoCommand(): Command {
  return makeCommand('demo')
    .description(
      'Train a small EfficientNet to tell eight photographs apart by parts that it has never seen.',
    )
    .option('--out <folder>', 'folder for data, metrics, checkpoint, report and preview', 'demo-output')
    .addOption(integerOption('--epochs <n>', 'passes over the training crops', allEpochs, atLeast(1)))
    .option('--quiet', 'print no progress')
    .addHelpText('after', '\nExamples:\n  millrace demo\n  millrace demo --epochs 5 --out /tmp/demo')
    .action((given: DemoFlags) => runCommand(given, (context) => runDemo(given, context)));
}

async function runDemo({ out, epochs }: DemoFlags, context: CommandContext): Promise<void> {
  const { terminal, signal } = context;
  const data = join(out, 'photographs');
  const { writeDemoPhotographs } = await import('../../demo/photographs.ts');
  const state = await writeDemoPhotographs(data, signal);
  terminal.log(`${state === 'made' ? 'cut' : 'kept'} the photographs: ${data}`);
  const workspace = join(out, 'training');
  rmSync(workspace, { recursive: true, force: true });
  const start = performance.now();
  const schedule = { ...options.schedule, epochs };
  const { top1 } = await trainAndPrint(
    { ...options, data, schedule, workspace, ranks: alone },
    { onlyEvaluated: true },
    context,
  );
  const seconds = (performance.now() - start) / 1000;
  if (top1 === undefined) throw new DataError('NO_EVALUATION', `${data}: has no val folder`);

  const grid = join(out, 'preview.png');
  const { recipe, stream } = options;
  await renderPreview({ data: imageFolder(data), recipe, stream, out: grid, signal });
  terminal.log(`what training saw: ${grid}`);
  terminal.data(
    `top-1 ${percent(top1)} on parts of the photographs that training never saw (${seconds.toFixed(0)} s)`,
  );
  // a shorter training is a look at the machinery, and promises nothing
  if (top1 >= REQUIRED_TOP1 || epochs < allEpochs) return;
  throw new DataError(
    'DEMO_ACCURACY',
    `top-1 is ${percent(top1)}, expected at least ${percent(REQUIRED_TOP1)}`,
  );
}
