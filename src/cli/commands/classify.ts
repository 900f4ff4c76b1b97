import type { Command } from 'commander';
import { classify } from '../../jobs.ts';
import { type Architecture, architectures } from '../../models/architecture.ts';
import type { Recipe } from '../../streams/recipe.ts';
import type { Guess } from '../../training/top-guesses.ts';
import {
  atLeast,
  type CommandContext,
  choiceOption,
  integerOption,
  makeCommand,
  runCommand,
} from '../command.ts';
import { percent } from '../figures.ts';
import { tfjsBackendFlag } from '../flags/tfjs-backend.ts';

interface ClassifyFlags {
  readonly weights: string;
  readonly arch?: Architecture;
  readonly classes?: string;
  readonly imageSize?: number;
  readonly interpolation?: Recipe['interpolation'];
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
    .description('Print the five most probable classes of each image.')
    .argument('<image...>', 'files: JPEG, PNG, WebP ...')
    .requiredOption(
      '--weights <file>',
      'checkpoint of millrace train, or weights saved by PyTorch (docs/checkpoints.md)',
    )
    .addOption(
      choiceOption('-a, --arch <name>', 'model of the weights, if the file does not say it', architectures),
    )
    .option(
      '--classes <file>',
      "file with the names of the classes, one per line (default: the checkpoint's, or numbers)",
    )
    .addOption(
      integerOption(
        '--image-size <pixels>',
        "edge of the centre crop (default: the checkpoint's, or the model's)",
        undefined,
        atLeast(1),
      ),
    )
    .addOption(
      choiceOption(
        '--interpolation <name>',
        "how images are resized (default: the checkpoint's, or bilinear)",
        ['bilinear', 'bicubic'],
      ),
    )
    .option('--trainer <name>', 'trainer that runs the model', 'tfjs')
    .option(...tfjsBackendFlag)
    .option('--json', 'print a line of JSON per image')
    .option('--quiet', 'print no messages')
    .addHelpText('after', examples)
    .action((images: string[], flags: ClassifyFlags) =>
      runCommand(flags, (context) => runClassification(images, flags, context)),
    );
}

async function runClassification(
  images: readonly string[],
  { weights, arch, classes, imageSize, interpolation, trainer, tfjsBackend, json }: ClassifyFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const classified = classify({
    ...{ images, weights, model: arch, classes, imageSize, interpolation, trainer, signal },
    trainerBackend: tfjsBackend,
    onMessage: terminal.log,
  });
  for await (const { image, guesses } of classified)
    terminal.data(json ? JSON.stringify({ image, guesses }) : describeGuesses(image, guesses));
}

function describeGuesses(image: string, guesses: readonly Guess[]): string {
  const lines = guesses.map(({ name, probability }) => `${percent(probability).padStart(9)}  ${name}`);
  return [image, ...lines].join('\n');
}
