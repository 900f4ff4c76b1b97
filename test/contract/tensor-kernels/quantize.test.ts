import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareWithReference } from '../../../backends/reference/tensors/compare.ts';
import { known } from '../../../backends/reference/tensors/known-tensor.ts';
import { gradientsWithin } from '../../../backends/tensor-kernels/gradients-within/gradients-within.ts';
import {
  type Lazy,
  load,
  multiply,
  normalize,
  quantize,
  withinRange,
} from '../../../backends/tensor-kernels/lazy.ts';
import { materialize } from '../../../backends/tensor-kernels/materialize/materialize.ts';
import { quantizeWeights } from '../../../backends/tensor-kernels/quantize-weights/quantize-weights.ts';
import { rangeOf } from '../../../backends/tensor-kernels/range.ts';
import { type View, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { TensorExecutor } from '../../../backends/tensor-kernels/tensor-executor.ts';
import type { TensorCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import { itOnGpu, useOpenGpu } from '../../support/gpu.ts';
import { callOf } from '../../support/kernel-calls.ts';
import { onCpu, onTestGpu } from '../../support/tensor-calls.ts';

const opened = useOpenGpu();

/** Numbers around the range of `largest`, many of them where rounding changes its mind. */
interface Case {
  readonly values: readonly number[];
  readonly largest: number;
  readonly levels: number;
}

const levels = fc.constantFrom(127, 7);
const largest = fc.float({ noNaN: true, min: Math.fround(1e-4), max: Math.fround(1e4) });
const cases: fc.Arbitrary<Case> = fc.tuple(largest, levels).chain(([most, steps]) => {
  const [scale] = rangeOf(most, steps);
  const tie = fc
    .integer({ min: -2 * steps - 3, max: 2 * steps + 3 })
    .map((i) => Math.fround((i / 2) * scale));
  const any = fc.float({ noNaN: true, min: Math.fround(-1.5 * most), max: Math.fround(1.5 * most) });
  const values = fc.array(fc.oneof(tie, any), { minLength: 4, maxLength: 64 });
  return fc.record({ values, largest: fc.constant(most), levels: fc.constant(steps) });
});

const stored = (name: string, values: readonly number[]): View =>
  viewOf(known(name, 'f32', Float64Array.from(values, Math.fround)));
const grouped = ({ values }: Case): number[] => [...values].slice(0, values.length - (values.length % 4));

function ofPoint(formula: (x: Lazy, range: View) => Lazy) {
  return (one: Case): TensorCall => {
    const values = grouped(one);
    const x = load(stored('x', values));
    const range = stored('range', rangeOf(one.largest, one.levels));
    const rows = values.length / 4;
    const operands = { x: formula(x, range), out: stored('out', values) };
    return callOf(materialize, operands, { rows, c4: 1, sampleRows: rows });
  };
}

/** Every third weight has no range. */
function ofWeights(one: Case) {
  const values = grouped(one);
  const [scale, reciprocal] = rangeOf(one.largest, one.levels);
  const where = (number: number) =>
    stored(
      String(number),
      values.map((_, i) => (i % 3 === 0 ? 0 : number)),
    );
  const weights = stored('weights', values);
  return { weights, scales: where(scale), reciprocals: where(reciprocal), size4: values.length / 4 };
}

// normalized by powers of 2: no device rounds
const vectors = (): View =>
  stored(
    'vectors',
    Array.from({ length: 32 }, (_, i) => (i < 4 ? 0.5 : 0)),
  );
const calls: Readonly<Record<string, (one: Case) => TensorCall>> = {
  'a value': ofPoint(quantize),
  'a normalized value': ofPoint((x, range) => quantize(normalize(x, vectors()), range)),
  'what lets a gradient pass': ofPoint(withinRange),
  'a gradient that passes': ofPoint((x, range) => multiply(x, withinRange(x, range))),
  weights(one) {
    const { size4, ...operands } = ofWeights(one);
    const copy = stored('copy', grouped(one));
    return callOf(quantizeWeights, { ...operands, copy }, { size4, levels: one.levels });
  },
  'gradients of weights'(one) {
    const { size4, weights, reciprocals } = ofWeights(one);
    const operands = { weights, reciprocals, gradients: stored('gradients', grouped(one)) };
    return callOf(gradientsWithin, operands, { size4, limit: one.levels + 0.5 });
  },
};

async function expectSameBits(
  executor: TensorExecutor,
  call: (one: Case) => TensorCall,
  numRuns: number,
): Promise<void> {
  const property = fc.asyncProperty(cases, async (one) => {
    // but for the sign of 0
    for (const { actual, reference } of await compareWithReference(executor, [call(one)]))
      expect([...actual].map((value) => value + 0)).toEqual([...reference].map((value) => value + 0));
  });
  await fc.assert(property, { numRuns });
}

it.for(Object.entries(calls))('rounds %s on the CPU to the same bits as the reference', ([, call]) =>
  onCpu(1, (executor) => expectSameBits(executor, call, 100)),
);

itOnGpu.for(Object.entries(calls))('rounds %s on a GPU to the same bits as the reference', ([, call]) =>
  onTestGpu(opened.gpu, (executor) => expectSameBits(executor, call, 30)),
);
