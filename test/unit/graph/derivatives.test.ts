import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReferenceTensorExecutor } from '../../../backends/reference/tensors/tensor-executor.ts';
import type { TensorProgram } from '../../../backends/tensor-kernels/program.ts';
import { viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import { cpuTraitsBySpeed, type DeviceTraits, gpuTraits } from '../../../src/graph/plan/device-traits.ts';
import type { PlacedParameter } from '../../../src/graph/plan/placed-parameter.ts';
import { dot } from '../../support/finite-differences.ts';
import { type GraphPlan, graphPlan } from '../../support/random-graphs.ts';
import { noStep, RandomStep } from '../../support/random-steps.ts';

const devices: readonly (readonly [string, DeviceTraits])[] = [
  ['a GPU', gpuTraits()],
  // the reference has no panels
  ...cpuTraitsBySpeed.map((traits, i) => [`the CPU, ${i}`, { ...traits, hasPanels: false }] as const),
];

it.each(devices)(
  'gives the derivatives of any graph that finite differences give: plans for %s',
  (_, device) => {
    const graphs = fc.property(graphPlan, fc.integer({ min: 0 }), (plan, seed) => {
      const derivatives = new Derivatives(plan, seed, device);
      for (const one of derivatives.step.trainable) {
        if (one.isFrozen) {
          expect(
            derivatives.gradientOf(one).every((value) => value === 0),
            one.name,
          ).toBe(true);
          continue;
        }
        const { computed, differences, tolerance } = derivatives.of(one);
        expect(Math.abs(computed - differences), one.name).toBeLessThan(tolerance);
      }
    });
    // fast-check prints the seed of a graph that fails
    fc.assert(graphs, { numRuns: 60 });
  },
);

/** The derivatives of a random step in float64. */
class Derivatives {
  readonly step: RandomStep;
  readonly #executor = new ReferenceTensorExecutor();
  readonly #forward: TensorProgram<'step'>;
  readonly #losses: Float64Array;
  readonly #gradients: Float64Array;

  constructor(plan: GraphPlan, seed: number, device: DeviceTraits) {
    this.step = new RandomStep(plan, seed, device);
    const { program, parameters, values } = this.step;
    for (const [view, before] of values) this.#executor.values(view).set(before);
    this.#losses = this.#executor.values(program.losses);
    this.#gradients = this.#executor.values(viewOf(parameters.gradients));
    this.#executor.run(program, ['step'], noStep);
    const { calls } = program.phases.step;
    const last = calls.findIndex(({ kernel }) => kernel.name === 'cross-entropy');
    this.#forward = { ...program, phases: { step: { calls: calls.slice(0, last + 1) } } };
  }

  gradientOf(one: PlacedParameter): Float64Array {
    return this.#executor.values(this.step.gradientOf(one));
  }

  /** The derivative of the mean loss along a random direction of one parameter: by the graph, and by differences. */
  of(one: PlacedParameter): { computed: number; differences: number; tolerance: number } {
    const values = this.#executor.values(this.step.weightsOf(one));
    const gradient = this.gradientOf(one);
    const direction = this.step.random(one.size);
    const length = Math.sqrt(dot(direction, direction));
    const start = values.slice();
    const lossAt = (distance: number): number => {
      values.set(start.map((value, i) => value + (distance * (direction[i] as number)) / length));
      this.#executor.run(this.#forward, ['step'], noStep);
      return this.#losses.reduce((sum, loss) => sum + loss, 0) / this.#losses.length;
    };
    const difference = (h: number) => (lossAt(h) - lossAt(-h)) / (2 * h);
    const h = 1e-3;
    const differences = (4 * difference(h) - difference(2 * h)) / 3;
    values.set(start);
    const all = Math.sqrt(dot(this.#gradients, this.#gradients));
    // what is zero by theory, such as a bias that a batch norm takes out again, is measured by the others
    const tolerance = 1e-6 * (Math.sqrt(dot(gradient, gradient) / one.size) + 1e-3 * all);
    return { computed: dot(gradient, direction) / length, differences, tolerance };
  }
}
