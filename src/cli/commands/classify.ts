import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { exitCodes } from '../../core/exit-codes.ts';
import { classify } from '../../jobs.ts';
import { type CommandContext, makeCommand, reportFailure, runCommand } from '../command.ts';
import { addTrainerFlags, type TrainerFlags } from '../flags/trainer-flags.ts';
import { addWeightsFlags, type WeightsFlags, weightsChoice } from '../flags/weights-flags.ts';
import { guessLines } from '../guesses.ts';

interface ClassifyFlags extends TrainerFlags, WeightsFlags {
  readonly weights?: string;
  readonly pretrainedFromFile?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  millrace classify cat.jpg dog.jpg --weights runs/<time>
  millrace classify photos 'more/**/*.jpg' --weights runs/<time>/model_best.safetensors --csv > guesses.csv
  find . -name '*.png' | millrace classify - --weights runs/<time> --json > guesses.jsonl
  millrace classify cat.jpg --weights efficientnet_b0.pth --classes imagenet.txt
  millrace classify cat.jpg --weights model.onnx       the exported file itself, by onnxruntime-web`;

export function classifyCommand(): Command {
  const command = makeCommand('classify')
    .description('Print the five most probable classes of each image.')
    .argument(
      '<image...>',
      'files (JPEG, PNG, WebP ...), folders, patterns in quotes, or - for a list of them on stdin',
    )
    .option(
      '--weights <file>',
      'checkpoint of millrace train or its workspace, an ONNX file of millrace export, or weights of timm, torchvision, efficientnet-pytorch or NVIDIA (docs/checkpoints.md)',
    )
    .addOption(
      new Option('--pretrained-from-file <file>', 'the weights, by NVIDIA’s name for them').conflicts(
        'weights',
      ),
    );
  return addTrainerFlags(addOutputFlags(addWeightsFlags(command)), 'trainer that runs the model')
    .addHelpText('after', examples)
    .action((images: string[], flags: ClassifyFlags, self: Command) => {
      const { pretrainedFromFile, weights = pretrainedFromFile } = flags;
      if (weights === undefined) return self.error("error: required option '--weights <file>' not specified");
      return runCommand(flags, (context) => runClassification(images, { ...flags, weights }, context));
    });
}

const addOutputFlags = (command: Command): Command =>
  command
    .addOption(new Option('--json', 'print a line of JSON per image').conflicts('csv'))
    .option('--csv', 'print a line of comma-separated values per image')
    .option('--quiet', 'print no messages');

async function runClassification(
  given: readonly string[],
  {
    weights,
    trainer,
    device,
    threads,
    tfjsBackend,
    json,
    csv,
    ...flags
  }: ClassifyFlags & { readonly weights: string },
  { terminal, signal }: CommandContext,
): Promise<void> {
  const images = given.includes('-') ? await withListed(given) : given;
  const classified = classify({
    ...{ images, weights, ...weightsChoice(flags), trainer, signal },
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
