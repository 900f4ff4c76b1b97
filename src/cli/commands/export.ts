import type { Command } from 'commander';
import { type ModelInput, type ModelValue, modelInputs } from '../../export/model-inputs.ts';
import { exportOnnx } from '../../jobs.ts';
import { type Placement, placements } from '../../quantization/placement.ts';
import type { ExportedModel, ExportOptions } from '../../training/export-onnx.ts';
import { choiceOption, makeCommand, runCommand } from '../command.ts';

interface ExportFlags {
  readonly out: string;
  readonly input: ModelInput;
  readonly ema?: boolean;
  readonly profile?: Placement;
  readonly sigmoid: NonNullable<ExportOptions['sigmoid']>;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  millrace export runs/<time> --out model.onnx
  millrace export runs/<time>/model_best.safetensors --ema --input tensor --out model.onnx`;

export function exportCommand(): Command {
  return makeCommand('export')
    .description('Write a checkpoint as an ONNX file, which runs in browsers, in Python and in apps.')
    .argument('<checkpoint>', 'file written by millrace train, or its workspace')
    .requiredOption('-o, --out <file>', 'the ONNX file')
    .addOption(
      choiceOption(
        '--input <kind>',
        'what the file takes: a photo of any size, pixels of the size it needs, or a normalised tensor',
        modelInputs,
        'photo',
      ),
    )
    .option('--ema', 'write the moving average of the weights that --use-ema kept')
    .addOption(
      choiceOption(
        '--profile <runtime>',
        'of a quantised checkpoint: the runtime that int8 is written for (default: that it was quantised for)',
        placements,
      ),
    )
    .addOption(
      choiceOption(
        '--sigmoid <numbers>',
        "numbers of SiLU's sigmoid with profile onnxruntime: int8 is faster, and less accurate",
        ['float32', 'int8'],
        'float32',
      ),
    )
    .option('--quiet', 'print nothing')
    .addHelpText('after', examples)
    .action((checkpoint: string, flags: ExportFlags) =>
      runCommand(flags, async ({ terminal }) => {
        const { out, input, ema: average } = flags;
        for (const line of describe(await exportOnnx({ checkpoint, out, input, average })))
          terminal.log(line);
      }),
    );
}

function describe({
  path,
  bytes,
  model,
  profile,
  imageSize,
  input,
  output,
  classes,
}: ExportedModel): string[] {
  const numbers = profile === undefined ? 'float32' : `int8 for ${profile}`;
  return [
    `${path}: ${model}, ${imageSize} x ${imageSize} pixels, ${numbers}, ${(bytes / 1e6).toFixed(1)} MB`,
    `input: ${describeValue(input)}`,
    `output: ${describeValue(output)}`,
    `classes: ${firstOf(classes)}`,
  ];
}

const describeValue = ({ name, type, shape }: ModelValue): string => `${name}, ${type} [${shape.join(', ')}]`;

/** A line holds a few of them. */
function firstOf(classes: readonly string[]): string {
  const shown = 5;
  const first = classes.slice(0, shown).join(', ');
  return classes.length > shown ? `${first}, and ${classes.length - shown} more` : first;
}
