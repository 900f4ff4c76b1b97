import { ParameterError } from '../core/errors.ts';
import type { TensorMap } from '../core/trainer.ts';
import { type EfficientNet, type EfficientNetOptions, efficientNet } from '../models/efficientnet.ts';
import { type Variant, variants } from '../models/scaling.ts';
import type { Assumed, Naming } from '../trainers/foreign/naming.ts';
import { toOwnNames } from '../trainers/foreign/own-names.ts';
import { tellVariant } from '../trainers/foreign/tell-variant.ts';
import type { WeightsFile } from '../trainers/weights-file.ts';
import { namedFile } from './load-file.ts';
import type { OpenWeights } from './opened-weights.ts';

/** Where a file has no classifier, that is said of one of ImageNet's size. */
const DEFAULT_CLASSES = 1000;

/** Weights that others saved, under our names; the model is what is given of it, and else what can be told or assumed. */
export function openForeign(
  path: string,
  { weights, average, said }: WeightsFile,
  naming: Naming,
  given: EfficientNetOptions,
): OpenWeights {
  const classes = weights[`${naming.classifier}.weight`]?.shape[0] || DEFAULT_CLASSES;
  const variant = given.variant ?? tellVariant(naming, weights, { ...given, classes });
  if (variant === undefined) throw noVariant(path);
  const assumed = naming.assumed(variant, path);
  const model = efficientNet({ ...given, variant, classes, ...unlessOwn(variant, assumed, given) });
  const rename = (tensors: TensorMap) => {
    try {
      return toOwnNames(model, naming, tensors);
    } catch (cause) {
      throw namedFile(path, cause);
    }
  };
  const line = `${path}: ${model.name} with the names of ${naming.family}; ${describe(model, given)}`;
  return {
    ...{ model, weights: rename(weights), average: average && rename(average) },
    classes: Array.from({ length: classes }, (_, index) => String(index)),
    ...{ isNumbered: true, imageSize: model.resolution, interpolation: naming.interpolation },
    said: [...said, line, ...(assumed.note === undefined ? [] : [assumed.note])],
  };
}

/** What is given, else assumed; left out where it is the variant's own, so that records name only what is special. */
function unlessOwn(
  variant: Variant,
  assumed: Assumed,
  { batchNormEpsilon = assumed.batchNormEpsilon, padding = assumed.padding }: EfficientNetOptions,
): Pick<EfficientNetOptions, 'batchNormEpsilon' | 'padding'> {
  const own = variants[variant];
  return {
    ...(batchNormEpsilon !== own.batchNormEpsilon && { batchNormEpsilon }),
    ...(padding !== own.padding && { padding }),
  };
}

function noVariant(path: string): ParameterError {
  const reason = 'does not say its model, and no variant has all of its tensors in their shapes';
  return new ParameterError('ARCHITECTURE_NEEDED', `${path}: ${reason}: name it with --arch`);
}

/** What no tensor tells, and who said it. */
function describe({ batchNorm, padding }: EfficientNet, given: EfficientNetOptions): string {
  const by = (value: unknown, flag: string) =>
    value === undefined ? `assumed, ${flag} overrides` : 'as given';
  const epsilon = `epsilon ${batchNorm.epsilon} (${by(given.batchNormEpsilon, '--bn-epsilon')})`;
  return `batch norm's ${epsilon}, padding ${padding} (${by(given.padding, '--padding')})`;
}
