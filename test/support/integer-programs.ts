import { ReferenceTensorExecutor } from '../../backends/reference/tensors/tensor-executor.ts';
import { type Tensor, viewOf } from '../../backends/tensor-kernels/tensor.ts';
import type { TensorExecutor } from '../../backends/tensor-kernels/tensor-executor.ts';
import { randomFor } from '../../src/core/random.ts';
import { type IntegerGraph, integerGraph, integerNames } from '../../src/graph/integer-graph.ts';
import { integerValues, vectorsOfMean } from '../../src/graph/integer-values.ts';
import { inputNames } from '../../src/graph/model-graph.ts';
import type { DeviceTraits } from '../../src/graph/plan/device-traits.ts';
import { toDevice } from '../../src/graph/plan/parameter-layout.ts';
import { type ParameterPlan, planParameters } from '../../src/graph/plan/parameter-plan.ts';
import { type EvaluationProgram, evaluationProgram } from '../../src/graph/plan/programs.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { type IntegerModel, integerModel } from '../../src/quantization/integer-model.ts';
import { SIGMOID_SCALE } from '../../src/quantization/integer-tables.ts';
import { noStep } from './cpu-programs.ts';
import { randomRanges, randomWeights } from './quantized-models.ts';

export interface IntegerCase {
  readonly model: EfficientNet;
  readonly seed: number;
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  /** Numbers of SiLU's sigmoid. Default 'float32'. */
  readonly sigmoid?: 'float32' | 'int8';
}

/** Values of a program's tensors after it ran, by name: sums of products, integers and the logits. */
export type IntegerTensors = ReadonlyMap<string, Float32Array>;

/** A random model on integers, planned for a device. Its tensors share no memory: all can be read afterwards. */
export class IntegerProgram {
  readonly graph: IntegerGraph;
  readonly #parameters: ParameterPlan;
  readonly #program: EvaluationProgram;
  readonly integers: IntegerModel;
  readonly #case: IntegerCase;

  constructor(one: IntegerCase, device: DeviceTraits) {
    const { model, rows, height, width, seed } = one;
    this.#case = one;
    this.graph = integerGraph(model, { rows, height, width, images: 'f32' });
    this.#parameters = planParameters(this.graph.graph, {
      settings: { optimizer: 'sgd' },
      isMixed: false,
      device,
    });
    const { weights } = this.#parameters;
    this.#program = { ...evaluationProgram(this.graph, this.#parameters, weights), allocations: [] };
    const floats = randomWeights(model, seed);
    this.integers = integerModel(model, floats, randomRanges(model, floats, seed));
  }

  async runOn(executor: TensorExecutor): Promise<IntegerTensors> {
    const prepared = await executor.prepare(this.#program);
    for (const [tensor, values] of this.#given()) executor.write(viewOf(tensor), values);
    executor.run(prepared, ['evaluate'], noStep);
    const tensors = this.#written();
    const read = await executor.read(tensors.map((tensor) => viewOf(tensor)));
    return new Map(tensors.map(({ name }, i) => [name, new Float32Array(read[i] as ArrayBuffer)]));
  }

  runByReference(): IntegerTensors {
    const executor = new ReferenceTensorExecutor();
    for (const [tensor, values] of this.#given()) executor.values(viewOf(tensor)).set(values);
    executor.run(this.#program, ['evaluate'], noStep);
    return new Map(
      this.#written().map((tensor) => [tensor.name, Float32Array.from(executor.values(viewOf(tensor)))]),
    );
  }

  /** Parameters, and vectors of means, by name. */
  constants(): ReadonlyMap<string, Float32Array> {
    const { model, sigmoid } = this.#case;
    const parameters = Object.entries(integerValues(model, this.integers, sigmoid));
    return new Map([
      ...parameters.map(([name, { data }]) => [name, data] as const),
      ...this.graph.means.map(
        (mean) => [integerNames.vectors(mean.to), vectorsOfMean(mean, this.integers)] as const,
      ),
    ]);
  }

  /** Of SiLU's sigmoid, where that is rounded. */
  get sigmoidScale(): number | undefined {
    return this.#case.sigmoid === 'int8' ? SIGMOID_SCALE : undefined;
  }

  get images(): Float32Array<ArrayBuffer> {
    const rng = randomFor(this.#case.seed, 3, 0, 0);
    const { size } = this.#program.inputs.get(inputNames.images) as Tensor;
    return Float32Array.from({ length: size }, () => rng.uniform(-3, 3));
  }

  #given(): (readonly [Tensor, Float32Array<ArrayBuffer>])[] {
    const constants = this.constants();
    const { weights, placed } = this.#parameters;
    const flat = new Float32Array(weights.values.size);
    for (const one of placed.values())
      toDevice(
        one,
        constants.get(one.name) as Float32Array,
        flat.subarray(one.offset, one.offset + one.size),
      );
    const input = (name: string): Tensor => this.#program.inputs.get(name) as Tensor;
    return [
      [weights.values, flat],
      [input(inputNames.images), this.images],
      ...this.graph.means.map(({ to }): [Tensor, Float32Array<ArrayBuffer>] => {
        const name = integerNames.vectors(to);
        return [input(name), Float32Array.from(constants.get(name) as Float32Array)];
      }),
    ];
  }

  /** All but what was given. */
  #written(): Tensor[] {
    return this.#program.tensors.filter(({ purpose }) => purpose === 'activations' || purpose === 'vectors');
  }
}
