import { ParameterError } from '../../src/core/errors.ts';
import { describeOperations, lowerOperations, partsOf } from '../auto-augment/composite.ts';
import { type DrawnLayers, drawLayers, type Layers } from '../auto-augment/layers.ts';
import { timmRandAugment } from '../auto-augment/timm/rand-augment.ts';
import { type RandConfig, readRandConfig } from '../auto-augment/timm/rand-config.ts';
import { torchvisionRandAugment } from '../auto-augment/torchvision/rand-augment.ts';
import { optionalWarpParameters } from '../common-parameters.ts';
import { defineOperator } from '../operator.ts';
import { invalidParameter, type TextParameter, type ValuesOf } from '../parameters.ts';
import { perStep } from '../per-step.ts';

const config = {
  type: 'text',
  form: "timm's text",
  examples: ['rand-m9-mstd0.5-inc1', 'rand-m9-n3-p1-mstdinf', 'rand-m15-mmax20-tweights'],
  problem(text: string) {
    const read = readRandConfig(text);
    return typeof read === 'string' ? read : undefined;
  },
  optional: true,
} as const satisfies TextParameter;

const parameters = {
  config,
  numOps: { type: 'integer', min: 0, max: 15, unit: 'operators', optional: true },
  magnitude: { type: 'integer', min: 0, max: 255, unit: 'bins', optional: true },
  bins: { type: 'integer', min: 2, max: 256, unit: 'bins', optional: true },
  ...optionalWarpParameters,
} as const;

/** torchvision's defaults. */
const numbers = { numOps: 2, magnitude: 9, bins: 31 } as const;

/**
 * RandAugment: draws operators from a list and applies them one after the other, all at one magnitude. It is torchvision's
 * where it is given numbers or nothing, and timm's where it is given `config`.
 *
 * torchvision's: `numOps` (2) of 14 operators (one of which changes nothing), each as often, at bin `magnitude` (9) of `bins`
 * (31). The last bin is shear 0.3, translation by 150 / 331 of the side, 30 degrees, factors of 1 +- 0.9, 4 bits, solarize
 * at 0. Warps take the nearest pixel and fill with black.
 *
 * timm's: `rand`, then sections in any order: m (level, 10), n (operators, 2), p (probability of applying each, 0.5), mstd
 * (standard deviation of the level, 0; above 100 or `inf`: any level up to m), mmax (highest level, 10), inc1 (operators get
 * stronger with the level), t (what is chosen from: tweights and t3aw choose some operators more often and none twice, t3a
 * is 3-Augment's). Warps are bilinear or bicubic, drawn for each, and fill with 255 times ImageNet's mean.
 *
 * `interpolation` and `fill` replace those of the warps.
 *
 * image: u8 [h, w, 3], same size. Cubuk et al., "RandAugment: practical automated data augmentation with a reduced search
 * space"; torchvision.transforms.v2.RandAugment on PIL images; timm's rand_augment_transform.
 */
export const randAugment = defineOperator({
  name: 'randAugment',
  module: import.meta.url,
  parameters,
  check({ config, ...rest }) {
    for (const name of ['numOps', 'magnitude', 'bins'] as const)
      if (config !== undefined && rest[name] !== undefined) throw besideConfig(name);
    const { magnitude, bins } = { ...numbers, ...rest };
    if (magnitude >= bins)
      throw invalidParameter('randAugment', 'magnitude', `below bins (${bins})`, magnitude);
  },
  draw: (values, rng, size) => drawLayers(layersOf(values), rng, size),
  parts: partsOf<DrawnLayers>,
  describe: describeOperations,
  lower: lowerOperations,
});

const layersOf = perStep(({ config, interpolation, fill, ...given }: ValuesOf<typeof parameters>): Layers => {
  const warps = { ...(interpolation && { interpolation }), ...(fill && { fill }) };
  // the text was read once before, when the step was made
  if (config !== undefined) return timmRandAugment(readRandConfig(config) as RandConfig, warps);
  return torchvisionRandAugment({ ...numbers, ...given, ...warps });
});

const besideConfig = (name: string): ParameterError =>
  new ParameterError('INVALID_PARAMETER', `randAugment: ${name} cannot stand beside config, which says it`);
