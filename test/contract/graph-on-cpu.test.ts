import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReferenceTensorExecutor } from '../../backends/reference/tensors/tensor-executor.ts';
import { viewOf } from '../../backends/tensor-kernels/tensor.ts';
import { cpuTraitsBySpeed, type DeviceTraits } from '../../src/graph/plan/device-traits.ts';
import { fromDevice } from '../../src/graph/plan/parameter-layout.ts';
import type { PlacedParameter } from '../../src/graph/plan/placed-parameter.ts';
import { sizeOf } from '../../src/models/parameters.ts';
import { dot } from '../support/finite-differences.ts';
import { type GraphPlan, graphPlan } from '../support/random-graphs.ts';
import { noStep, RandomStep } from '../support/random-steps.ts';
import { onCpu } from '../support/tensor-calls.ts';

it.each([...cpuTraitsBySpeed])(
  'threads of the CPU compute any graph as the reference does: $stores',
  (device) =>
    fc.assert(
      fc.asyncProperty(graphPlan, fc.integer({ min: 0 }), async (plan, seed) => {
        const step = new RandomStep(plan, seed, device);
        const [actual, expected] = [await gradientsOnCpu(step), referenceGradients(plan, seed, device)];
        const all = Math.sqrt([...expected.values()].reduce((sum, one) => sum + dot(one, one), 0));
        for (const [name, gradient] of actual) {
          const wanted = expected.get(name) as Float64Array;
          const distance = gradient.map((value, i) => value - (wanted[i] as number));
          // what is zero by theory is measured by the others
          const bound = 1e-4 * (Math.sqrt(dot(wanted, wanted)) + 1e-2 * all);
          expect(Math.sqrt(dot(distance, distance)), name).toBeLessThan(bound);
        }
      }),
      { numRuns: 60 },
    ),
);

/** Losses and gradients by name, in PyTorch's layout. */
type Values = Map<string, Float64Array>;

const gradientsOnCpu = (step: RandomStep): Promise<Values> =>
  onCpu(2, async (executor) => {
    const { program, parameters, values } = step;
    const prepared = await executor.prepare(program);
    for (const [view, before] of values)
      executor.write(
        view,
        view.tensor.element === 'u32' ? Uint32Array.from(before) : Float32Array.from(before),
      );
    executor.run(prepared, ['step'], noStep);
    const [losses, flat] = await executor.read([program.losses, viewOf(parameters.gradients)]);
    return named(step, float64(losses), float64(flat));
  });

const float64 = (bytes: ArrayBuffer | undefined): Float64Array =>
  Float64Array.from(new Float32Array(bytes as ArrayBuffer));

/** The same plan but for panels, which the reference does not know. */
function referenceGradients(plan: GraphPlan, seed: number, device: DeviceTraits): Values {
  const step = new RandomStep(plan, seed, { ...device, hasPanels: false });
  const executor = new ReferenceTensorExecutor();
  for (const [view, before] of step.values) executor.values(view).set(before);
  executor.run(step.program, ['step'], noStep);
  const flat = executor.values(viewOf(step.parameters.gradients));
  return named(step, executor.values(step.program.losses), flat);
}

function named({ trainable }: RandomStep, losses: Float64Array, flat: Float64Array): Values {
  const gradients = trainable.map((one) => [one.name, gradientIn(flat, one)] as const);
  return new Map([['losses', losses], ...gradients]);
}

function gradientIn(flat: Float64Array, one: PlacedParameter): Float64Array {
  const gradient = new Float64Array(sizeOf(one.shape));
  fromDevice(one, flat.subarray(one.offset, one.offset + one.size), gradient);
  return gradient;
}
