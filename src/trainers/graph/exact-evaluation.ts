import { type Tensor, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { TensorExecutor } from '../../../backends/tensor-kernels/tensor-executor.ts';
import { TrainerError } from '../../core/errors.ts';
import type { PrepareOptions, QuantizedPlaces, TensorMap } from '../../core/trainer.ts';
import { type IntegerGraph, integerGraph, integerNames } from '../../graph/integer-graph.ts';
import { integerValues, vectorsOfMean } from '../../graph/integer-values.ts';
import { type ParameterPlan, planParameters } from '../../graph/plan/parameter-plan.ts';
import { type EvaluationProgram, evaluationProgram } from '../../graph/plan/programs.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';
import { LEVELS } from '../../quantization/integer-layer.ts';
import { checkBounds, type IntegerModel, integerModel } from '../../quantization/integer-model.ts';
import { placesOf } from '../../quantization/placement.ts';
import type { BatchShape } from './batch-inputs.ts';
import { ParameterValues } from './parameter-values.ts';

/** A quantised model's integers on a device, beside its weights: they are made of a state that is loaded. */
export class ExactEvaluation {
  readonly #model: EfficientNet;
  readonly #executor: TensorExecutor;
  readonly #parameters: ParameterPlan;
  readonly #values: ParameterValues;
  readonly #sigmoid: QuantizedPlaces['sigmoid'];
  #integers: IntegerModel | undefined;

  private constructor(
    model: EfficientNet,
    executor: TensorExecutor,
    parameters: ParameterPlan,
    sigmoid: QuantizedPlaces['sigmoid'],
  ) {
    this.#model = model;
    this.#executor = executor;
    this.#parameters = parameters;
    this.#values = new ParameterValues(executor, parameters, []);
    this.#sigmoid = sigmoid;
  }

  /** Undefined where the model is not to be evaluated exactly. */
  static async open(
    model: EfficientNet,
    executor: TensorExecutor,
    { quantization, settings }: Pick<PrepareOptions, 'quantization' | 'settings'>,
    { device }: Pick<ParameterPlan, 'device'>,
  ): Promise<ExactEvaluation | undefined> {
    if (quantization?.isExact !== true) return undefined;
    const { graph } = integerGraph(model, { rows: 1, height: 32, width: 32, images: 'f32' });
    const parameters = planParameters(graph, { settings, isMixed: false, device });
    await executor.prepare({ phases: {}, tensors: [parameters.weights.values], allocations: [] });
    return new ExactEvaluation(model, executor, parameters, quantization.sigmoid);
  }

  /** Makes the integers of weights and ranges. */
  load(weights: TensorMap, quant: TensorMap): void {
    this.#integers = integerModel(this.#model, weights, quant);
    checkBounds(this.#integers);
    const values = integerValues(this.#model, this.#integers, this.#sigmoid);
    this.#values.write(this.#parameters.weights.values, values);
  }

  program(shape: BatchShape, { device }: Pick<ParameterPlan, 'device'>): EvaluationProgram {
    const { weights } = this.#parameters;
    return evaluationProgram(this.#graphOf(shape), { ...this.#parameters, device }, weights);
  }

  /** Gives a program what depends on the images' size. */
  provideMeans({ inputs }: EvaluationProgram, shape: BatchShape): void {
    for (const mean of this.#graphOf(shape).means) {
      const tensor = inputs.get(integerNames.vectors(mean.to)) as Tensor;
      this.#executor.write(viewOf(tensor), vectorsOfMean(mean, this.#integers as IntegerModel));
    }
  }

  #graphOf(shape: BatchShape): IntegerGraph {
    return integerGraph(this.#model, shape);
  }
}

/** Throws where a model cannot be evaluated exactly: integers are defined for one placement, in int8. */
export function checkExact(model: EfficientNet, places: QuantizedPlaces): void {
  if (places.isExact !== true) return;
  const { points, weights } = placesOf(model, 'onnxruntime');
  const isPlacement = isSame(places.points, points) && isSame(places.weights, weights);
  if (isPlacement && (places.levels ?? LEVELS) === LEVELS) return;
  const message = `graph: exact evaluation is of placement onnxruntime and ${LEVELS} levels alone`;
  throw new TrainerError('CANNOT_QUANTIZE', message);
}

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  [...some].sort().join() === [...others].sort().join();

/** Throws where the trainer evaluates exactly, which `method` cannot do. */
export function checkNotExact({ quantization }: PrepareOptions, method: string, reason: string): void {
  if (quantization?.isExact !== true) return;
  throw new TrainerError('EXACT_EVALUATION', `graph: ${method}: prepared for exact evaluation, ${reason}`);
}
