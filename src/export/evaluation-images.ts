import { describeStep } from '../core/step.ts';
import { evaluationSteps, type Recipe } from '../streams/recipe.ts';

/** How images are made for the model: resized, cropped, normalised. */
export interface EvaluationImages {
  /** The shorter side after resizing, in pixels. */
  readonly shortSide: number;
  readonly interpolation: Recipe['interpolation'];
  /** Edge of the centre crop in pixels. */
  readonly size: number;
  /** Of a pixel's red, green, blue, as shares of 255. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** As an evaluation makes them: its own steps say it. */
export const evaluationImages = (recipe: Pick<Recipe, 'imageSize' | 'interpolation'>): EvaluationImages =>
  Object.assign({}, ...evaluationSteps(recipe).map((step) => step[describeStep].parameters));
