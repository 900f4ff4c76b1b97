import type { View } from '../../backends/tensor-kernels/tensor.ts';
import { viewOf } from '../../backends/tensor-kernels/tensor.ts';
import { inputNames } from '../../src/graph/model-graph.ts';
import type { DeviceTraits } from '../../src/graph/plan/device-traits.ts';
import { toDevice } from '../../src/graph/plan/parameter-layout.ts';
import { type ParameterPlan, planParameters } from '../../src/graph/plan/parameter-plan.ts';
import type { PlacedParameter } from '../../src/graph/plan/placed-parameter.ts';
import { type StepProgram, stepProgram } from '../../src/graph/plan/programs.ts';
import { sizeOf } from '../../src/models/parameters.ts';
import { randomFloats } from './finite-differences.ts';
import { type GraphPlan, graphOf } from './random-graphs.ts';

/** A training step of a graph, planned for a device, and random values for it: the same for a seed on all devices. */
export class RandomStep {
  readonly parameters: ParameterPlan;
  readonly program: StepProgram;
  /** What is there before the step: tensors' values as they lie on the device. */
  readonly values: readonly (readonly [View, Float64Array])[];
  #seed: number;

  constructor(plan: GraphPlan, seed: number, device: DeviceTraits) {
    this.#seed = seed % 2 ** 30;
    const graph = graphOf(plan);
    this.parameters = planParameters(graph.graph, {
      ...{ settings: { optimizer: 'sgd' }, isMixed: false, device },
    });
    this.program = stepProgram(graph, this.parameters);
    // the loss scale
    const state = [viewOf(this.parameters.state, 0, 4), Float64Array.of(1, 0, 0, 0)] as const;
    const weights = [...this.parameters.placed.values()].map(
      (one) => [this.weightsOf(one), this.#weights(one)] as const,
    );
    const inputs = [...this.program.inputs].map(
      ([name, tensor]) => [viewOf(tensor), this.#input(name, tensor.size, plan)] as const,
    );
    this.values = [state, ...weights, ...inputs];
  }

  get trainable(): PlacedParameter[] {
    return [...this.parameters.placed.values()].filter(({ isTrainable }) => isTrainable);
  }

  weightsOf({ offset, size, isTrainable }: PlacedParameter): View {
    const { values, running } = this.parameters.weights;
    return viewOf(isTrainable ? values : running, offset, size);
  }

  gradientOf({ offset, size }: PlacedParameter): View {
    return viewOf(this.parameters.gradients, offset, size);
  }

  random(size: number): Float64Array {
    this.#seed++;
    return randomFloats(size, this.#seed);
  }

  #weights(one: PlacedParameter): Float64Array {
    const { name, shape, size } = one;
    const inputs = sizeOf(shape.slice(1));
    const low = name.endsWith('bn.weight') || name.endsWith('running_var') ? 1 : 0;
    const values = this.random(sizeOf(shape)).map(
      (value) => low + value * Math.sqrt(3 / Math.max(3, inputs)),
    );
    const placed = new Float64Array(size);
    toDevice(one, values, placed);
    return placed;
  }

  #input(name: string, size: number, { classes }: GraphPlan): Float64Array {
    const random = this.random(size);
    if (name === inputNames.images) return random.map((value) => 2 * value);
    if (name === inputNames.shares) return random.map(Math.abs);
    if (name === inputNames.labels || name === inputNames.partners)
      return random.map((value) => Math.floor(Math.abs(value) * classes));
    // what is dropped, and what is kept with a probability of 3/4
    return random.map((value) => (value < -0.5 ? 0 : 4 / 3));
  }
}

export const noStep = { learningRate: 0, bodyLearningRate: 0, lossFactor: 1, averageDecay: 0 };
