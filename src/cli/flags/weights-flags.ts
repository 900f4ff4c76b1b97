import { type Command, Option } from 'commander';
import { type Architecture, architectures, variantOf } from '../../models/architecture.ts';
import { type Padding, paddings } from '../../models/scaling.ts';
import type { Recipe } from '../../streams/recipe.ts';
import type { WeightsChoice } from '../../training/weights-choice.ts';
import { atLeast, choiceOption, integerOption, numberOption, share } from '../command.ts';

/** Flags of the commands that run weights: what is to be known of those that do not say it. */
export interface WeightsFlags {
  readonly arch?: Architecture;
  readonly bnEpsilon?: number;
  readonly padding?: Padding;
  readonly classes?: string;
  readonly imageSize?: number;
  readonly interpolation?: Recipe['interpolation'];
}

export function addWeightsFlags(command: Command): Command {
  return command
    .addOption(
      choiceOption(
        '-a, --arch <name>',
        "model of the weights (default: the checkpoint's, or the one whose tensors they are)",
        architectures,
      ),
    )
    .addOption(
      numberOption(
        '--bn_epsilon, --bn-epsilon <e>',
        "epsilon of batch norm (default: the checkpoint's, or that of the library whose names the weights have)",
        undefined,
        share,
      ),
    )
    .addOption(
      new Option(
        '--padding <rule>',
        'zeros around images: torch, or same as in weights from TensorFlow (default: as with --bn-epsilon)',
      ).choices(paddings),
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
        "how images are resized (default: the checkpoint's, or bilinear; of timm, torchvision and efficientnet-pytorch bicubic)",
        ['bilinear', 'bicubic'],
      ),
    );
}

/** What these flags say, as options. */
export function weightsChoice({
  arch,
  bnEpsilon,
  padding,
  classes,
  imageSize,
  interpolation,
}: WeightsFlags): WeightsChoice {
  const model = {
    ...(arch !== undefined && { variant: variantOf(arch) }),
    ...(bnEpsilon !== undefined && { batchNormEpsilon: bnEpsilon }),
    ...(padding !== undefined && { padding }),
  };
  return { model, classes, imageSize, interpolation };
}
