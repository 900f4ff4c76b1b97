import { describe, expect, it } from 'vitest';
import type { Tensor, View } from '../../../backends/tensor-kernels/tensor.ts';
import { isLazy, specOf, type TensorCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import type { TrainingSettings } from '../../../src/core/trainer.ts';
import { modelGraph } from '../../../src/graph/model-graph.ts';
import { planParameters } from '../../../src/graph/plan/parameter-plan.ts';
import { partProgram, partTensors } from '../../../src/graph/plan/part-program.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { frozenLayers } from '../../../src/models/frozen-layers.ts';

const b0 = efficientNet({ variant: 'b0' });

function planOf({ frozen = [], ...settings }: Partial<TrainingSettings> = {}, rows = 2, height = 64) {
  const shape = { rows, height, width: 64, images: 'f16' } as const;
  const training = { labelSmoothing: 0, frozen: frozenLayers(b0, frozen) };
  const graph = modelGraph(b0, { ...shape, training });
  const options = { settings: { optimizer: 'sgd', ...settings }, isMixed: true } as const;
  const parameters = planParameters(graph.graph, options);
  const own = partTensors(parameters);
  const program = partProgram(graph, parameters, own);
  return { learning: parameters.learning, own, program, calls: program.phases.step.calls };
}

/** Views of a tensor that a call writes to. */
const written = (call: TensorCall, tensor: Tensor): View[] =>
  Object.entries(call.operands).flatMap(([name, operand]) =>
    !isLazy(operand) && operand.tensor === tensor && specOf(call, name).access !== 'read' ? [operand] : [],
  );

describe('buckets of gradients', () => {
  it.each([[{}], [{ bodyRate: 0.1 }], [{ batchNormWeightDecay: true }], [{ frozen: ['stem', 'layers.0'] }]])(
    'are final when so many calls are made, and not before: %o',
    (settings) => {
      const { program, own, calls } = planOf(settings);
      for (const { from, to, after } of program.buckets) {
        const writes = calls.map((call) =>
          written(call, own.gradients).some(({ offset, size }) => offset < to && offset + size > from),
        );
        expect(writes.lastIndexOf(true)).toBe(after - 1);
      }
    },
  );

  it('are few, lie apart, and come in the order in which they are final', () => {
    const { program, learning, calls } = planOf();
    const { buckets } = program;
    expect(buckets.length).toBeGreaterThanOrEqual(4);
    expect(buckets.length).toBeLessThanOrEqual(8);
    const places = buckets.map(({ after }) => after);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const spans = [...buckets].sort((a, b) => a.from - b.from);
    for (const [i, { from, to }] of spans.entries()) {
      expect(to).toBeLessThanOrEqual(spans[i + 1]?.from ?? learning.values);
      expect(to - from).toBeGreaterThanOrEqual(learning.values / 8);
    }
    // most of B0's weights are those of its last layers
    const sizes = buckets.filter(({ after }) => after < 0.75 * calls.length).map(({ from, to }) => to - from);
    expect(sizes.reduce((sum, size) => sum + size)).toBeGreaterThan(0.9 * learning.values);
  });

  it('are the same for any batch', () => {
    const spans = [planOf(), planOf({}, 7, 96)].map(({ program }) =>
      program.buckets.map(({ from, to }) => [from, to]),
    );
    expect(spans[1]).toEqual(spans[0]);
  });
});
