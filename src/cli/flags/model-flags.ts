import { type Command, Option } from 'commander';
import { ParameterError } from '../../core/errors.ts';
import { type EfficientNet, type EfficientNetOptions, efficientNet } from '../../models/efficientnet.ts';
import { type ConvolutionInit, convolutionInits, type Variant, variants } from '../../models/scaling.ts';
import { atLeast, choiceOption, integerOption, numberOption, share } from '../command.ts';

const prefix = 'efficientnet-';

/** Names that `--arch` accepts. */
export const architectures: readonly string[] = Object.keys(variants).map((variant) => prefix + variant);

/** Flags that choose a model and change it, with the names of NVIDIA's scripts where those have them. */
export interface ModelFlags {
  readonly arch: string;
  readonly width?: number;
  readonly depth?: number;
  readonly stemStride?: 1 | 2;
  readonly imageSize?: number;
  readonly numClasses?: number;
  readonly dropout?: number;
  readonly survivalProb?: number;
  readonly bnMomentum?: number;
  readonly bnEpsilon?: number;
  readonly convInit?: ConvolutionInit;
}

export function addModelFlags(command: Command): Command {
  return command
    .optionsGroup('Model:')
    .addOption(choiceOption('-a, --arch <name>', 'EfficientNet variant', architectures, 'efficientnet-nano'))
    .addOption(numberOption('--width <factor>', "on channels, instead of the variant's own"))
    .addOption(numberOption('--depth <factor>', "on blocks a stage, instead of the variant's own"))
    .addOption(
      integerOption('--stem-stride <n>', '1 keeps the resolution of small images', undefined, {
        min: 1,
        max: 2,
      }),
    )
    .addOption(
      integerOption(
        '--num_classes, --num-classes <n>',
        "outputs (default: the data's)",
        undefined,
        atLeast(1),
      ),
    )
    .addOption(
      numberOption(
        '--dropout <p>',
        "of features before the classifier (default: the variant's)",
        undefined,
        share,
      ),
    )
    .addOption(
      numberOption(
        '--survival_prob, --survival-prob <p>',
        "that a sample keeps the last block, the earlier ones more surely (default: the variant's)",
        undefined,
        share,
      ),
    )
    .addOption(
      numberOption(
        '--bn_momentum, --bn-momentum <m>',
        "of batch norm's running statistics, PyTorch's way (default: the variant's, 0.01; nano 0.1)",
        undefined,
        share,
      ),
    )
    .addOption(
      numberOption(
        '--bn_epsilon, --bn-epsilon <e>',
        "of batch norm (default: the variant's, 0.001)",
        undefined,
        share,
      ),
    )
    .addOption(
      new Option(
        '--conv_init, --conv-init <fan>',
        'what first weights are scaled by (default: fan_in)',
      ).choices(convolutionInits),
    );
}

/** @param classes how many the data has */
export function makeModel(flags: ModelFlags, classes: number): EfficientNet {
  const { arch, width, depth, stemStride, imageSize, numClasses = classes } = flags;
  if (numClasses < classes) {
    const message = `--num-classes must be ${classes} or more, as many as the data has, got ${numClasses}`;
    throw new ParameterError('INVALID_OPTION', message);
  }
  const options = {
    variant: arch.slice(prefix.length) as Variant,
    classes: numClasses,
    width,
    depth,
    stemStride,
    resolution: imageSize,
    dropout: flags.dropout,
    finalSurvival: flags.survivalProb,
    batchNormMomentum: flags.bnMomentum,
    batchNormEpsilon: flags.bnEpsilon,
    convolutionInit: flags.convInit,
  };
  return efficientNet(given(options));
}

/** Without the values that no flag gives, which are the variant's. */
function given(
  options: { readonly [Name in keyof EfficientNetOptions]: EfficientNetOptions[Name] | undefined },
): EfficientNetOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
