import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { classify } from '../../jobs.ts';
import { type Architecture, architectures } from '../../models/architecture.ts';
import type { Recipe } from '../../streams/recipe.ts';
import {
  atLeast,
  type CommandContext,
  choiceOption,
  integerOption,
  makeCommand,
  reportFailure,
  runCommand,
} from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { addTrainerFlags, type TrainerFlags } from '../flags/trainer-flags.ts';
import { guessLines } from '../guesses.ts';

interface ClassifyFlags extends TrainerFlags {
  readonly weights: string;
  readonly arch?: Architecture;
  readonly classes?: string;
  readonly imageSize?: number;
  readonly interpolation?: Recipe['interpolation'];
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  millrace classify cat.jpg dog.jpg --weights runs/<time>
  millrace classify photos 'more/**/*.jpg' --weights runs/<time>/model_best.safetensors --csv > guesses.csv
  find . -name '*.png' | millrace classify - --weights runs/<time> --json > guesses.jsonl
  millrace classify cat.jpg --weights from-pytorch.safetensors --arch efficientnet-b0 --classes imagenet.txt
  millrace classify cat.jpg --weights model.onnx       the exported file itself, by onnxruntime-web`;

export function classifyCommand(): Command {
  const command = makeCommand('classify')
    .description('Print the five most probable classes of each image.')
    .argument(
      '<image...>',
      'files (JPEG, PNG, WebP ...), folders, patterns in quotes, or - for a list of them on stdin',
    )
    .requiredOption(
      '--weights <file>',
      'checkpoint of millrace train or its workspace, weights saved by PyTorch, or an ONNX file of millrace export',
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
    .addOption(new Option('--json', 'print a line of JSON per image').conflicts('csv'))
    .option('--csv', 'print a line of comma-separated values per image')
    .option('--quiet', 'print no messages')
    .addHelpText('after', examples)
    .action((images: string[], flags: ClassifyFlags) =>
      runCommand(flags, (context) => runClassification(images, flags, context)),
    );
  return addTrainerFlags(command, 'trainer that runs the model');
}

async function runClassification(
  given: readonly string[],
  {
    weights,
    arch,
    classes,
    imageSize,
    interpolation,
    trainer,
    device,
    threads,
    tfjsBackend,
    json,
    csv,
  }: ClassifyFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const images = given.includes('-') ? await withListed(given) : given;
  const classified = classify({
    ...{ images, weights, model: arch, classes, imageSize, interpolation, trainer, signal },
    trainerBackend: tfjsBackend,
    device,
    threads,
    onMessage: terminal.log,
    onBadImage: (error) => {
      reportFailure(error);
      process.exitCode = exitCodes.failed;
    },
  });
  let isFirst = true;
  for await (const found of classified) {
    for (const line of guessLines(found, { json, csv }, isFirst)) terminal.data(line);
    isFirst = false;
  }
}

/** Names as they were given, '-' replaced by the lines of stdin. */
async function withListed(given: readonly string[]): Promise<string[]> {
  const listed = (await text(process.stdin)).split(/\r?\n/).filter((line) => line !== '');
  return given.flatMap((name) => (name === '-' ? listed : [name]));
}
