import { ParameterError } from '../core/errors.ts';
import { type EfficientNet, type EfficientNetOptions, efficientNet } from '../models/efficientnet.ts';
import { type Variant, variants } from '../models/scaling.ts';

const prefix = 'efficientnet-';

/** Names that `--arch` accepts. */
export const architectures: readonly string[] = Object.keys(variants).map((variant) => prefix + variant);

/** Flags that choose a model and change its scaling. */
export interface ModelFlags {
  readonly arch: string;
  readonly width?: number;
  readonly depth?: number;
  readonly stemStride?: number;
  readonly imageSize?: number;
}

export function makeModel(
  { arch, width, depth, stemStride, imageSize }: ModelFlags,
  classes: number,
): EfficientNet {
  if (stemStride !== undefined && stemStride !== 1 && stemStride !== 2)
    throw new ParameterError('INVALID_OPTION', `--stem-stride must be 1 or 2, got ${stemStride}`);
  const options: EfficientNetOptions = {
    variant: arch.slice(prefix.length) as Variant,
    classes,
    ...(width !== undefined && { width }),
    ...(depth !== undefined && { depth }),
    ...(stemStride !== undefined && { stemStride }),
    ...(imageSize !== undefined && { resolution: imageSize }),
  };
  return efficientNet(options);
}
