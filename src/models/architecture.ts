import { ParameterError } from '../core/errors.ts';
import { type EfficientNet, type EfficientNetOptions, efficientNet } from './efficientnet.ts';
import { type Variant, variants } from './scaling.ts';

const prefix = 'efficientnet-';

/** NVIDIA's name of a variant, such as `efficientnet-b0`. */
export type Architecture = `${typeof prefix}${Variant}`;

export const architectures = Object.keys(variants).map((variant) => prefix + variant) as Architecture[];

export const architectureOf = (variant: Variant): Architecture => `${prefix}${variant}`;

export function variantOf(architecture: string): Variant {
  if ((architectures as readonly string[]).includes(architecture))
    return architecture.slice(prefix.length) as Variant;
  const known = architectures.join(', ');
  throw new ParameterError('UNKNOWN_MODEL', `model must be one of ${known}, got ${architecture}`);
}

/** A model, what makes one, or an architecture's name. */
export type ModelChoice = EfficientNet | EfficientNetOptions | Architecture;

/** Whether it is a model, and no description of one. */
const isModel = (choice: EfficientNet | EfficientNetOptions): choice is EfficientNet => 'blocks' in choice;

export function modelOptionsOf(choice: ModelChoice): EfficientNetOptions {
  if (typeof choice === 'string') return { variant: variantOf(choice) };
  return isModel(choice) ? choice.options : choice;
}

/**
 * The model for data of so many classes, which may have more outputs than that, never fewer.
 *
 * @param imageSize edge of the images in pixels; left out: the model's own
 */
export function modelFor(choice: ModelChoice, classes: number, imageSize?: number): EfficientNet {
  if (typeof choice !== 'string' && isModel(choice)) return checkOutputs(choice, classes);
  const options = modelOptionsOf(choice);
  const { resolution = imageSize } = options;
  return checkOutputs(efficientNet(inOrder({ classes, ...options, resolution })), classes);
}

/** Checkpoints say a model's options as JSON: in one order, and without those that are left out, or that earlier versions had not. */
function inOrder(options: Loose<EfficientNetOptions>): EfficientNetOptions {
  const { variant, classes, width, depth, stemStride, resolution, dropout, finalSurvival, ...others } =
    options;
  const { batchNormMomentum, batchNormEpsilon, convolutionInit, padding, ...rest } = others;
  const ordered = {
    ...{ variant, classes, width, depth, stemStride, resolution, dropout, finalSurvival },
    ...{ batchNormMomentum, batchNormEpsilon, convolutionInit },
    ...rest,
    padding: padding === 'torch' ? undefined : padding,
  };
  return Object.fromEntries(Object.entries(ordered).filter(([, value]) => value !== undefined));
}

type Loose<T> = { readonly [Name in keyof T]: T[Name] | undefined };

function checkOutputs(model: EfficientNet, classes: number): EfficientNet {
  if (model.classes >= classes) return model;
  const message = `classes (--num-classes) must be ${classes} or more, as many as the data has, got ${model.classes}`;
  throw new ParameterError('INVALID_OPTION', message);
}
