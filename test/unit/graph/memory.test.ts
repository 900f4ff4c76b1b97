import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Tensor } from '../../../backends/tensor-kernels/tensor.ts';
import { type TensorCall, viewsOfCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import { planParameters } from '../../../src/graph/plan/parameter-plan.ts';
import { evaluationProgram, stepProgram } from '../../../src/graph/plan/programs.ts';
import { graphOf, graphPlan } from '../../support/random-graphs.ts';

it('lets tensors share memory that are never in use at once, and others none', () => {
  const graphs = fc.property(graphPlan, (plan) => {
    const { programs, parameters } = programsOf(plan);
    for (const { calls, allocations, kept } of programs) {
      expect(allocations.some((tensors) => tensors.length > 1)).toBe(true);
      const shared = allocations.flat();
      expect(new Set(shared).size).toBe(shared.length);
      for (const tensor of [...kept, ...parameters]) expect(shared, tensor.name).not.toContain(tensor);
      for (const tensors of allocations) expectApart(tensors, calls);
    }
  });
  fc.assert(graphs, { numRuns: 50 });
});

function programsOf(plan: Parameters<typeof graphOf>[0]) {
  const graph = graphOf(plan);
  const options = { settings: { optimizer: 'sgd' }, isMixed: true } as const;
  const parameters = planParameters(graph.graph, options);
  const { weights, gradients, state, flag } = parameters;
  // before the graph is differentiated
  const evaluation = evaluationProgram(graph, parameters, weights);
  const step = stepProgram(graphOf(plan), parameters);
  return {
    programs: [
      {
        ...evaluation,
        calls: evaluation.phases.evaluate.calls,
        kept: [evaluation.logits.tensor, ...evaluation.inputs.values()],
      },
      { ...step, calls: step.phases.step.calls, kept: [step.losses.tensor, ...step.inputs.values()] },
    ],
    parameters: [...Object.values<Tensor>({ ...weights }), gradients, state, flag],
  };
}

/** Each tensor is named by no call from the first to the last that name another. */
function expectApart(tensors: readonly Tensor[], calls: readonly TensorCall[]): void {
  const uses = calls.map((call) => viewsOfCall(call).map(({ tensor }) => tensor));
  const spans = tensors
    .map((tensor) => {
      const places = uses.flatMap((used, i) => (used.includes(tensor) ? [i] : []));
      return { name: tensor.name, first: places[0] as number, last: places.at(-1) as number };
    })
    .sort((a, b) => a.first - b.first);
  for (const [i, { name, first }] of spans.slice(1).entries())
    expect(spans[i]?.last, `${spans[i]?.name} and ${name}`).toBeLessThan(first);
}
