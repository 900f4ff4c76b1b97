import { expect, it } from 'vitest';
import { ReferenceTensorExecutor } from '../../../backends/reference/tensors/tensor-executor.ts';
import { lossScaleState } from '../../../backends/tensor-kernels/loss-scale/state.ts';
import { viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import { viewsOfCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import { optimizers } from '../../../src/core/trainer.ts';
import { modelGraph } from '../../../src/graph/model-graph.ts';
import { gpuTraits } from '../../../src/graph/plan/device-traits.ts';
import { planParameters } from '../../../src/graph/plan/parameter-plan.ts';
import { parameterProgram } from '../../../src/graph/plan/programs.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { randomFloats } from '../../support/finite-differences.ts';
import { trainingSettings } from '../../support/trainers.ts';

const model = efficientNet({ width: 0.125, depth: 0.25, classes: 5, resolution: 32 });
const { graph } = modelGraph(model, { rows: 1, height: 32, width: 32, images: 'f32' });

/** All tensors after an update of random ones, by calls that bind so many bytes at most. */
function updated(optimizer: (typeof optimizers)[number], largestBinding: number, hasNaN = false) {
  const settings = { ...trainingSettings, optimizer, emaDecay: 0.9 };
  const parameters = planParameters(graph, {
    settings,
    isMixed: true,
    device: gpuTraits({ largestBinding }),
  });
  const program = parameterProgram(parameters, settings, 3);
  const executor = new ReferenceTensorExecutor();
  for (const [i, tensor] of program.tensors.entries())
    executor.values(viewOf(tensor)).set(randomFloats(tensor.size, i).map(Math.abs));
  executor.values(viewOf(parameters.flag)).fill(0);
  const gradients = executor.values(viewOf(parameters.gradients));
  if (hasNaN) gradients[gradients.length - 1] = Number.NaN;
  executor.run(program, ['update', 'average', 'load'], {
    ...{ learningRate: 0.1, bodyLearningRate: 0.1, lossFactor: 1, averageDecay: 0.9 },
  });
  const calls = Object.values(program.phases).flatMap((phase) => phase.calls);
  const largest = Math.max(...calls.flatMap(viewsOfCall).map(({ size }) => 4 * size));
  const [skipped] = executor.values(viewOf(parameters.state, lossScaleState.isSkipped));
  return {
    calls: calls.length,
    largest,
    skipped,
    values: program.tensors.map((one) => executor.values(viewOf(one))),
  };
}

it.each(optimizers)('a device that binds little updates the weights in pieces alike: %s', (optimizer) => {
  const whole = updated(optimizer, Number.POSITIVE_INFINITY);
  // no multiple of what a piece is aligned to, and less than what is decayed
  const pieces = updated(optimizer, 10_001);
  expect(whole.largest).toBeGreaterThan(50_000);
  expect(pieces.largest).toBeLessThanOrEqual(10_001);
  expect(pieces.calls).toBeGreaterThan(2 * whole.calls);
  expect(pieces.values).toEqual(whole.values);
  expect(pieces.skipped).toBe(0);
});

it('looks at all pieces of the gradients before it updates any', () => {
  const skipped = updated('sgd', 10_001, true);
  expect(skipped.skipped).toBe(1);
  expect(skipped.values).toEqual(updated('sgd', Number.POSITIVE_INFINITY, true).values);
});
