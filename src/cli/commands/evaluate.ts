import type { Command } from 'commander';
import { evaluate } from '../../jobs.ts';
import { readingOf } from '../../streams/open-data.ts';
import { cropModes, testTimeAugmentations } from '../../streams/recipe.ts';
import { type SelectionOptions, selectionOf } from '../../streams/selection.ts';
import type { CheckpointEvaluation, EvaluateOptions } from '../../training/evaluate.ts';
import { optionsOfValues } from '../../training/settings.ts';
import type { WeightsChoice } from '../../training/weights-choice.ts';
import { saysTop5 } from '../../workspace/class-figures.ts';
import { classLines } from '../class-table.ts';
import {
  type CommandContext,
  choiceOption,
  makeCommand,
  numberOption,
  runCommand,
  share,
} from '../command.ts';
import { describeAccuracy, describeBadSamples } from '../figures.ts';
import { addQuarantineFlag } from '../flags/bad-data-flags.ts';
import { addReadingFlags, dataSources, type ReadingFlags } from '../flags/data-flags.ts';
import { addPrecisionFlags, type PrecisionFlags } from '../flags/precision.ts';
import { valSplitOption } from '../flags/run-flags.ts';
import { foldOption, onlyClassesOption, subsetOption } from '../flags/sampling-flags.ts';
import { addTrainerFlags, type TrainerFlags } from '../flags/trainer-flags.ts';
import { addWeightsFlags, type WeightsFlags, weightsChoice } from '../flags/weights-flags.ts';
import { logAdapter } from '../gpu-figures.ts';

interface EvaluateFlags extends ReadingFlags, SelectionOptions, PrecisionFlags, TrainerFlags, WeightsFlags {
  readonly pretrainedFromFile?: string;
  readonly valSplit?: number;
  readonly ema?: boolean;
  readonly tta?: string;
  readonly cropPct?: number;
  readonly cropMode?: EvaluateOptions['cropMode'];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  millrace evaluate runs/<time> photos
  millrace evaluate checkpoint.safetensors photos/val --json
  millrace evaluate checkpoint.safetensors photos/val --tta 10
  millrace evaluate efficientnet_b0.pth imagenet`;

export function evaluateCommand(): Command {
  const command = makeCommand('evaluate')
    .description(
      'Measure the accuracy of a checkpoint on labelled images, of each class too, at the size it was trained at.',
    )
    .argument(
      '<checkpoint>',
      'file written by millrace train, or its workspace, or weights of others (docs/checkpoints.md)',
    )
    .argument('[data]', `${dataSources}; with a val/ folder or without`)
    .option(
      '--pretrained-from-file <file>',
      'the checkpoint, by NVIDIA’s name for it: the data are then the only argument',
    )
    .option('--ema', 'evaluate the moving average of the weights that --use-ema kept')
    .addOption(
      choiceOption(
        '--tta <views>',
        'judge each image by the mean of several views: flip (centre and its mirror image), 5 or 10 (crops)',
        testTimeAugmentations.map(String),
      ),
    )
    .addOption(
      numberOption(
        '--crop-pct <share>',
        'share of the resized image that the centre crop keeps, by its side, as timm’s crop_pct (default: 224 of 256)',
        undefined,
        share,
      ),
    )
    .addOption(
      choiceOption(
        '--crop-mode <name>',
        'what is resized: center (the shorter side), squash (both) or border (the longer), as timm’s crop_mode',
        cropModes,
      ),
    )
    .addOption(valSplitOption('evaluate on, as it was for the training'))
    .addOption(subsetOption())
    .addOption(onlyClassesOption())
    .addOption(foldOption('evaluate on it, as the training did'))
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'print no progress')
    .addHelpText('after', examples)
    .action((first: string, second: string | undefined, flags: EvaluateFlags, self: Command) => {
      const [checkpoint, data] = namedInputs([first, second], flags, self);
      return runCommand(flags, (context) =>
        runEvaluation({ checkpoint, data, ...weightsChoice(flags) }, flags, context),
      );
    });
  addPrecisionFlags(addTrainerFlags(addWeightsFlags(command), 'trainer that runs the model'));
  return addQuarantineFlag(addReadingFlags(command));
}

/** Checkpoint and data: two arguments, or a flag and one. */
function namedInputs(
  [first, second]: readonly [string, string | undefined],
  { pretrainedFromFile }: EvaluateFlags,
  command: Command,
): [checkpoint: string, data: string] {
  if (pretrainedFromFile === undefined) {
    if (second === undefined) command.error("error: missing required argument 'data'");
    return [first, second as string];
  }
  if (second !== undefined)
    command.error(`error: --pretrained-from-file: the checkpoint is named already: ${first}`);
  return [pretrainedFromFile, first];
}

/** Prints the accuracy of a checkpoint. */
export async function runEvaluation(
  evaluated: Pick<EvaluateOptions, 'checkpoint' | 'data' | keyof WeightsChoice>,
  flags: Omit<EvaluateFlags, keyof WeightsFlags>,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const options = optionsOfValues({ ...flags }, 'name');
  const { stream = {}, trainer, trainerBackend, device, threads, precision, valShare } = options;
  const {
    badSamples,
    speed: _,
    ...figures
  } = await evaluate({
    ...{ ...evaluated, stream, ...readingOf(flags), ...selectionOf(flags), valShare, signal },
    ...{ trainerBackend, device, threads },
    ...(trainer && { trainer }),
    ...(precision && { precision }),
    average: flags.ema ?? false,
    ...{ cropPct: flags.cropPct, cropMode: flags.cropMode },
    tta: testTimeAugmentations.find((tta) => String(tta) === flags.tta),
    onMessage: terminal.log,
    onGpu: logAdapter(terminal),
  });
  const bad = describeBadSamples(badSamples, flags.quarantine);
  if (bad !== undefined) terminal.log(bad);
  const classes = figures.classes?.length ?? Number.POSITIVE_INFINITY;
  if (flags.json) terminal.data(JSON.stringify(saidOf(figures, classes)));
  else for (const line of describe(figures, classes)) terminal.data(line);
}

/** Without guesses that say nothing: the best of images that may have several classes, the five best of few classes. */
function saidOf(figures: Figures, classes: number): object {
  const { top1: _, top5: __, ...others } = figures;
  if (figures.mAP !== undefined) return others;
  const { top5: ___, ...withTop1 } = figures;
  return saysTop5(classes) ? figures : withTop1;
}

type Figures = Omit<CheckpointEvaluation, 'badSamples' | 'speed'>;

function describe(figures: Figures, classes: number): string[] {
  const { images, classes: ofEach } = figures;
  return [
    `val: ${describeAccuracy(figures, classes)} (${images} images)`,
    ...(ofEach ? classLines(ofEach) : []),
  ];
}
