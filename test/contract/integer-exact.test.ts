import { describe, expect, it } from 'vitest';
import { GpuTensorExecutor } from '../../backends/gpu/tensors/tensor-executor.ts';
import { cpuTraits, cpuTraitsBySpeed, gpuTraits } from '../../src/graph/plan/device-traits.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { describeOnGpu, useOpenGpu } from '../support/gpu.ts';
import { type IntegerCase, IntegerProgram, type IntegerTensors } from '../support/integer-programs.ts';
import { onCpu } from '../support/tensor-calls.ts';

const nano = efficientNet({ variant: 'b0', width: 0.25, depth: 0.34, classes: 10 });
const cases: readonly IntegerCase[] = [
  { model: nano, seed: 1, rows: 3, height: 32, width: 32 },
  // an odd number of pixels, in images that are not square
  { model: nano, seed: 2, rows: 2, height: 39, width: 27 },
  {
    model: efficientNet({ variant: 'b0', width: 0.25, depth: 0.5, classes: 7 }),
    seed: 3,
    rows: 1,
    height: 64,
    width: 64,
  },
];
const nameOf = ({ seed, rows, height, width }: IntegerCase) =>
  `seed ${seed}: ${rows} of ${height} x ${width}`;

const withoutPanels = { ...cpuTraits, hasPanels: false };

/** That every tensor has the same values. */
function expectSame(actual: IntegerTensors, expected: IntegerTensors): void {
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  for (const [name, values] of actual) expect(differences(values, expected.get(name)), name).toBe(0);
}

/** Bits, but for the sign of zero. */
const differences = (a: Float32Array, b: Float32Array = new Float32Array()): number =>
  a.length === b.length
    ? a.reduce((count, value, i) => count + Number(!(value === b[i])), 0)
    : Number.POSITIVE_INFINITY;

const largestOf = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe('a model on integers', () => {
  it.each([...cases])('has integers of many values, and no sum beyond float32', (one) => {
    const program = new IntegerProgram(one, withoutPanels);
    const tensors = program.runByReference();
    const all = [...tensors].filter(([name]) => name !== 'logits');
    for (const [name, values] of all)
      expect(
        values.every((value) => Number.isInteger(value) && Math.abs(value) < 2 ** 24),
        name,
      ).toBe(true);
    for (const { name, bound } of program.integers.layers.values())
      expect(largestOf(tensors.get(name) as Float32Array), name).toBeLessThanOrEqual(bound);
    const logits = tensors.get('logits') as Float32Array;
    expect(new Set(logits).size).toBeGreaterThan(5);
  });

  for (const one of cases)
    it.each([1, 2])(`is computed by %i threads as by the reference, ${nameOf(one)}`, async (threads) => {
      const expected = new IntegerProgram(one, withoutPanels).runByReference();
      const actual = await onCpu(threads, (executor) => new IntegerProgram(one, cpuTraits).runOn(executor));
      expectSame(actual, expected);
    });

  it('has the same logits in each plan of the CPU', async () => {
    const one = cases[0] as IntegerCase;
    const expected = new IntegerProgram(one, withoutPanels).runByReference().get('logits') as Float32Array;
    for (const traits of cpuTraitsBySpeed) {
      const tensors = await onCpu(2, (executor) => new IntegerProgram(one, traits).runOn(executor));
      expect(tensors.get('logits')).toEqual(expected);
    }
  });
});

describeOnGpu('a model on integers, on a GPU', () => {
  const opened = useOpenGpu();

  for (const one of cases)
    it(`is computed as by the reference, ${nameOf(one)}`, async () => {
      const executor = new GpuTensorExecutor(opened.gpu, { tier: 'float32' });
      const actual = await new IntegerProgram(one, gpuTraits()).runOn(executor);
      expectSame(actual, new IntegerProgram(one, gpuTraits()).runByReference());
      const onOtherPlan = new IntegerProgram(one, withoutPanels).runByReference();
      expect(actual.get('logits')).toEqual(onOtherPlan.get('logits'));
      executor.close();
    });
});
