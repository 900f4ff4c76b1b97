import { ReferenceTensorExecutor } from '../../backends/reference/tensors/tensor-executor.ts';
import { type Tensor, type View, viewOf } from '../../backends/tensor-kernels/tensor.ts';
import type { Batch } from '../../src/core/batch.ts';
import type { QuantizedPlaces, TensorMap, TrainingSettings } from '../../src/core/trainer.ts';
import { inputNames, modelGraph } from '../../src/graph/model-graph.ts';
import { fromDevice, toDevice } from '../../src/graph/plan/parameter-layout.ts';
import { type ParameterPlan, planParameters } from '../../src/graph/plan/parameter-plan.ts';
import {
  type ParameterProgram,
  parameterProgram,
  type StepProgram,
  stepProgram,
} from '../../src/graph/plan/programs.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { frozenLayers } from '../../src/models/frozen-layers.ts';
import { placedRanges } from '../../src/trainers/graph/ranges.ts';
import { noNumbers } from '../../src/trainers/graph/session.ts';

/** A training in float64, by the scalar references of the kernels. */
export class ReferenceTraining {
  readonly #parameters: ParameterPlan;
  readonly #program: ParameterProgram;
  readonly #step: StepProgram;
  readonly #executor = new ReferenceTensorExecutor();

  constructor(
    model: EfficientNet,
    rows: number,
    size: number,
    settings: TrainingSettings,
    places?: QuantizedPlaces,
  ) {
    const { labelSmoothing, frozen } = settings;
    const training = { labelSmoothing, frozen: frozenLayers(model, frozen) };
    const quantized = places && { quantization: places };
    const options = { rows, height: size, width: size, images: 'f32', training, ...quantized } as const;
    const graph = modelGraph(model, options);
    this.#parameters = planParameters(graph.graph, { settings, isMixed: false, ...quantized });
    this.#program = parameterProgram(this.#parameters, settings);
    this.#step = stepProgram(graph, this.#parameters);
    this.#values(viewOf(this.#parameters.state))[0] = 1;
  }

  load(weights: TensorMap, quant?: TensorMap): void {
    const { placed, ranges } = this.#parameters;
    for (const one of placed.values())
      toDevice(one, weights[one.name]?.data as Float32Array, this.#placed(one));
    for (const [view, values] of ranges ? placedRanges(ranges, quant) : []) this.#values(view).set(values);
    this.#executor.run(this.#program, ['load'], noNumbers);
  }

  /** Mean loss of a batch, whose gradients are added up; `learningRate` is of the update after it, if there is one. */
  step(batch: Batch, { lossFactor = 1, isFirst = true, learningRate = 0, apply = true } = {}): number {
    const { labels, mixing, images } = batch;
    this.#input(inputNames.images).set(images as Float32Array);
    this.#input(inputNames.labels).set(labels);
    this.#input(inputNames.partners).set(mixing?.partnerLabels ?? labels);
    this.#input(inputNames.shares).set(mixing?.weights ?? labels.map(() => 1));
    const numbers = { learningRate, bodyLearningRate: learningRate, lossFactor, averageDecay: 0 };
    if (isFirst) this.#executor.run(this.#program, ['clear'], numbers);
    this.#executor.run(this.#step, ['step'], numbers);
    if (apply) this.#executor.run(this.#program, ['update'], numbers);
    const losses = this.#values(this.#step.losses);
    return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  }

  get weights(): Record<string, Float64Array> {
    return this.#read((one) => this.#placed(one));
  }

  get gradients(): Record<string, Float64Array> {
    const { gradients } = this.#parameters;
    return this.#read(({ offset, size, isTrainable }) =>
      isTrainable ? this.#values(viewOf(gradients, offset, size)) : undefined,
    );
  }

  #read(placedOf: (one: Placed) => Float64Array | undefined): Record<string, Float64Array> {
    const entries = [...this.#parameters.placed.values()].flatMap((one) => {
      const placed = placedOf(one);
      if (placed === undefined) return [];
      const values = new Float64Array(one.shape.reduce((product, size) => product * size, 1));
      fromDevice(one, placed, values);
      return [[one.name, values] as const];
    });
    return Object.fromEntries(entries);
  }

  #placed({ isTrainable, offset, size }: Placed): Float64Array {
    const { values, running } = this.#parameters.weights;
    return this.#values(viewOf(isTrainable ? values : running, offset, size));
  }

  #input(name: string): Float64Array {
    return this.#values(viewOf(this.#step.inputs.get(name) as Tensor));
  }

  #values(view: View): Float64Array {
    return this.#executor.values(view);
  }
}

type Placed = ParameterPlan['placed'] extends ReadonlyMap<string, infer One> ? One : never;
