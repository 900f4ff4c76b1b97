import { expect, it } from 'vitest';
import { viewsOfCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import { modelGraph } from '../../../src/graph/model-graph.ts';
import { memoryOf } from '../../../src/graph/plan/memory-use.ts';
import { planParameters } from '../../../src/graph/plan/parameter-plan.ts';
import { partProgram, partTensors } from '../../../src/graph/plan/part-program.ts';
import { stepProgram } from '../../../src/graph/plan/programs.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';

const model = efficientNet({ variant: 'nano' });
const graphOf = () =>
  modelGraph(model, {
    ...{ rows: 2, height: 32, width: 32, images: 'f32', training: { labelSmoothing: 0 } },
  });
const parameters = planParameters(graphOf().graph, {
  ...{ settings: { optimizer: 'sgd' }, isMixed: false },
});
const own = partTensors(parameters);
const part = partProgram(graphOf(), parameters, own);
const step = stepProgram(graphOf(), parameters);

it('makes the calls of a step, on gradients and running statistics of its own', () => {
  const [calls, expected] = [part.phases.step.calls, step.phases.step.calls];
  const pairs = calls.map(({ kernel, parameters: numbers }) => [kernel, numbers]);
  expect(pairs).toEqual(expected.map(({ kernel, parameters: numbers }) => [kernel, numbers]));
  const used = new Set(calls.flatMap(viewsOfCall).map(({ tensor }) => tensor));
  expect(used).toContain(own.gradients);
  expect(used).toContain(own.running);
  expect(used).not.toContain(parameters.gradients);
  expect(used).not.toContain(parameters.weights.running);
});

it("takes memory for them beside a step's, which is counted", () => {
  const { total } = memoryOf(step, false);
  const added = 4 * (own.gradients.size + own.running.size);
  expect(memoryOf(part, false).total).toBe(total + added);
});
