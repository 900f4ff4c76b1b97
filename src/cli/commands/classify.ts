import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { DataError, reasonOf, TrainerError } from '../../core/errors.ts';
import type { Trainer } from '../../core/trainer.ts';
import { imageFiles } from '../../datasets/folder/image-files.ts';
import { pipeline } from '../../index.ts';
import { openTrainer } from '../../trainers/open-trainer.ts';
import { type OpenWeights, openWeights } from '../../training/open-weights.ts';
import { type Guess, topGuesses } from '../../training/top-guesses.ts';
import {
  atLeast,
  type CommandContext,
  choiceOption,
  integerOption,
  makeCommand,
  runCommand,
} from '../command.ts';
import { percent } from '../figures.ts';
import { evaluationSteps } from '../flags/data-flags.ts';
import { architectures, makeModel } from '../flags/model-flags.ts';
import { tfjsBackendFlag, tfjsBackendFor } from '../flags/tfjs-backend.ts';
import { evaluationSettings } from './evaluate.ts';

interface ClassifyFlags {
  readonly weights: string;
  readonly arch?: string;
  readonly classes?: string;
  readonly imageSize?: number;
  readonly interpolation?: 'bilinear' | 'bicubic';
  readonly trainer: string;
  readonly tfjsBackend?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  millrace classify cat.jpg dog.jpg --weights runs/<time>/checkpoint.safetensors
  millrace classify cat.jpg --weights from-pytorch.safetensors --arch efficientnet-b0 --classes imagenet.txt
  millrace classify photos/*.jpg --weights checkpoint.safetensors --json > guesses.jsonl`;

export function classifyCommand(): Command {
  return makeCommand('classify')
    .description('The five most probable classes of each image.')
    .argument('<image...>', 'files: JPEG, PNG, WebP ...')
    .requiredOption(
      '--weights <file>',
      'checkpoint of millrace train, or weights saved by PyTorch (docs/checkpoints.md)',
    )
    .addOption(choiceOption('-a, --arch <name>', 'model of weights that do not say theirs', architectures))
    .option('--classes <file>', "their names, one a line (default: the checkpoint's, or numbers)")
    .addOption(
      integerOption(
        '--image-size <pixels>',
        "edge of the centre crop (default: the checkpoint's, or the model's)",
        undefined,
        atLeast(1),
      ),
    )
    .addOption(
      choiceOption('--interpolation <name>', "of resizing (default: the checkpoint's, or bilinear)", [
        'bilinear',
        'bicubic',
      ]),
    )
    .option('--trainer <name>', 'what runs the model', 'tfjs')
    .option(...tfjsBackendFlag)
    .option('--json', 'print a line of JSON an image')
    .option('--quiet', 'no messages')
    .addHelpText('after', examples)
    .action((images: string[], flags: ClassifyFlags) =>
      runCommand(flags, (context) => runClassification(images, flags, context)),
    );
}

async function runClassification(
  paths: readonly string[],
  flags: ClassifyFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const dataset = imageFiles(paths);
  const opened = await openWeights(flags.weights, flags.arch, (arch, classes) =>
    makeModel({ arch }, classes),
  );
  const names = flags.classes === undefined ? opened.classes : readNames(flags.classes, opened);
  const { imageSize = opened.imageSize, interpolation = opened.interpolation } = flags;
  terminal.log(
    `${opened.model.name}: ${names.length} classes, ${imageSize} x ${imageSize} pixels, ${interpolation}`,
  );
  const stream = pipeline(dataset, { ...pipelineOptions, signal }).pipe(
    ...evaluationSteps(imageSize, interpolation),
  );
  const trainer = await openPrepared(flags, opened);
  try {
    for await (const batch of stream) {
      const logits = await trainer.predict(batch);
      for (const [row, image] of batch.keys.entries()) {
        const guesses = topGuesses(logits.subarray(row * names.length, (row + 1) * names.length), names);
        terminal.data(flags.json ? JSON.stringify({ image, guesses }) : describeGuesses(image, guesses));
      }
    }
  } finally {
    await trainer.close();
  }
}

// few images, for a model that takes longer than reading them does: no threads
const pipelineOptions = { batchSize: 8, workers: 0, shuffle: false } as const;

/** The trainer, prepared with these weights, if it is one that predicts. */
async function openPrepared(
  { trainer: name, tfjsBackend }: ClassifyFlags,
  { model, weights }: OpenWeights,
): Promise<Trainer & Required<Pick<Trainer, 'predict'>>> {
  const trainer = await openTrainer(name, { backend: tfjsBackendFor(tfjsBackend, undefined) });
  if (!predicts(trainer)) throw new TrainerError('CANNOT_PREDICT', `${name}: this trainer has no predict()`);
  try {
    await trainer.prepare(model, { precision: 'float32', seed: 0, settings: evaluationSettings });
    await trainer.load({ weights, optimizer: {} });
    return trainer;
  } catch (error) {
    await trainer.close();
    throw error;
  }
}

const predicts = (trainer: Trainer): trainer is Trainer & Required<Pick<Trainer, 'predict'>> =>
  trainer.predict !== undefined;

/** A file's lines, one name a class. */
function readNames(path: string, { model }: OpenWeights): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new DataError('READ_FAILED', `${path}: cannot be read: ${reasonOf(cause)}`, { cause });
  }
  const names = text.trimEnd().split(/\r?\n/);
  if (names.length === model.classes) return names;
  const expected = `expected ${model.classes} names of classes, one a line`;
  throw new DataError('OTHER_CLASSES', `${path}: ${expected}, got ${names.length}`);
}

function describeGuesses(image: string, guesses: readonly Guess[]): string {
  const lines = guesses.map(({ name, probability }) => `${percent(probability).padStart(9)}  ${name}`);
  return [image, ...lines].join('\n');
}
