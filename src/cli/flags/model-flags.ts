import { type Command, Option } from 'commander';
import { type Architecture, architectures } from '../../models/architecture.ts';
import { type ConvolutionInit, convolutionInits, type Padding, paddings } from '../../models/scaling.ts';
import { trainDefaults } from '../../training/complete-options.ts';
import { atLeast, choiceOption, integerOption, numberOption, share } from '../command.ts';

/** Flags that choose a model and change it, with the names of NVIDIA's scripts where those have them. */
export interface ModelFlags {
  /** Undefined: that of the pretrained weights. */
  readonly arch?: Architecture;
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
  readonly padding?: Padding;
}

export function addModelFlags(command: Command): Command {
  return addLayerFlags(addVariantFlags(command.optionsGroup('Model:')));
}

/** Pretrained weights say themselves which variant they are of. */
export function withoutDefaultArch(command: Command): void {
  const isPretrained = command.getOptionValue('pretrainedFromFile') !== undefined;
  if (isPretrained && command.getOptionValueSource('arch') === 'default')
    command.setOptionValue('arch', undefined);
}

/** Which variant, and what changes its size. */
function addVariantFlags(command: Command): Command {
  return command
    .addOption(
      choiceOption(
        '-a, --arch <name>',
        'EfficientNet variant; of pretrained weights, if it is left out, the one that they are of',
        architectures,
        trainDefaults.model,
      ),
    )
    .addOption(numberOption('--width <factor>', "factor on the number of channels (default: the variant's)"))
    .addOption(
      numberOption('--depth <factor>', "factor on the number of blocks per stage (default: the variant's)"),
    )
    .addOption(
      integerOption(
        '--stem-stride <n>',
        'stride of the first convolution; 1 keeps the resolution of small images',
        undefined,
        {
          min: 1,
          max: 2,
        },
      ),
    )
    .addOption(
      integerOption(
        '--num_classes, --num-classes <n>',
        "number of outputs (default: the data's classes)",
        undefined,
        atLeast(1),
      ),
    );
}

/** How its layers work in training. */
function addLayerFlags(command: Command): Command {
  return command
    .addOption(
      numberOption(
        '--dropout <p>',
        "probability of dropping a feature before the classifier (default: the variant's)",
        undefined,
        share,
      ),
    )
    .addOption(
      numberOption(
        '--survival_prob, --survival-prob <p>',
        "probability of keeping the last block; earlier blocks are kept more often (default: the variant's)",
        undefined,
        share,
      ),
    )
    .addOption(
      numberOption(
        '--bn_momentum, --bn-momentum <m>',
        "momentum of batch norm's running statistics, as PyTorch defines it (default: the variant's, 0.01; nano 0.1)",
        undefined,
        share,
      ),
    )
    .addOption(
      numberOption(
        '--bn_epsilon, --bn-epsilon <e>',
        "epsilon of batch norm (default: the variant's, 0.001)",
        undefined,
        share,
      ),
    )
    .addOption(
      new Option(
        '--conv_init, --conv-init <fan>',
        'what the initial weights of convolutions are scaled by (default: fan_in)',
      ).choices(convolutionInits),
    )
    .addOption(
      new Option(
        '--padding <rule>',
        'zeros around images: torch, or same as in weights from TensorFlow (default: torch)',
      ).choices(paddings),
    );
}
