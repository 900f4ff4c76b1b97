import { ParameterError } from '../core/errors.ts';
import type { Step } from '../core/step.ts';
import { defaultRecipe } from '../streams/recipe.ts';
import type { StreamOptions } from '../streams/stream-options.ts';
import { trainingSteps } from '../streams/training-steps.ts';
import { type RecipeName, recipeNames, recipes } from './recipe-values.ts';
import type { Options } from './setting.ts';
import { optionsOfValues } from './settings.ts';

/** A recipe by its name: steps and the options of a pipeline, or the options of a training. */
export interface NamedRecipe {
  /** Where it was published, and for which model. */
  readonly source: string;
  /** In what training by it differs from there. */
  readonly deviations: readonly string[];
  /** For `pipeline(data, options).pipe(...steps)`. */
  readonly steps: readonly Step[];
  /** For `pipeline`: the batch, and repeated augmentation. */
  readonly stream: Pick<StreamOptions, 'batchSize' | 'repeats'>;
  /** For `train`: the same steps as its `recipe`, the stream, the optimiser, the schedule. */
  readonly training: Pick<Options, 'recipe' | 'stream' | 'optimizer' | 'schedule' | 'rowsPerUpdate'>;
}

/**
 * A published recipe: 'torchvision-v2', 'deit3', 'timm-ra' or 'nvidia-efficientnet' (docs/recipes.md).
 *
 * @param size edge of the images in pixels, where it is another than the recipe's, or 224 where that leaves it to the model
 * @throws ParameterError UNKNOWN_RECIPE for another name
 */
export function recipe(name: RecipeName, { size }: { readonly size?: number } = {}): NamedRecipe {
  if (!Object.hasOwn(recipes, name)) {
    const known = recipeNames.join(', ');
    throw new ParameterError('UNKNOWN_RECIPE', `recipe must be one of ${known}, got ${name}`);
  }
  const { source, deviations, values } = recipes[name];
  const training = optionsOfValues({ ...values, ...(size !== undefined && { imageSize: size }) }, 'name');
  const { recipe: images, stream = {} } = training;
  return { source, deviations, steps: trainingSteps({ ...defaultRecipe, ...images }), stream, training };
}
