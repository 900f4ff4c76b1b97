import { expect, it } from 'vitest';
import { compareWithReference } from '../../../backends/reference/tensors/compare.ts';
import { known } from '../../../backends/reference/tensors/known-tensor.ts';
import { type Lazy, load, sigmoid, silu, siluSlope } from '../../../backends/tensor-kernels/lazy.ts';
import { materialize } from '../../../backends/tensor-kernels/materialize/materialize.ts';
import { viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import { callOf, tensor } from '../../support/kernel-calls.ts';
import { onCpu } from '../../support/tensor-calls.ts';

/** Float32 numbers from -100 to 100, ever closer to each other near 0, and what is special. */
const numbers = Float32Array.from([
  ...Array.from({ length: 200_000 }, (_, i) => i / 1000 - 100),
  ...Array.from({ length: 90_000 }, (_, i) => (i % 2 === 0 ? 100 : -100) * 2 ** (-i / 600)),
  ...[100, 0, -0, 1e-45, -1e-45, 88.72284, -88.72284, 103.98, -103.98, 3.4e38, -3.4e38],
  ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1, 2],
]);

/** What a materialized activation of the numbers is, beside the reference. */
async function activated(activation: (x: Lazy) => Lazy) {
  const x = viewOf(known('x', 'f32', Float64Array.from(numbers)));
  const out = tensor('out', 'f32', numbers.length);
  const rows = numbers.length / 4;
  const call = callOf(materialize, { x: activation(load(x)), out }, { rows, c4: 1, sampleRows: rows });
  const [outcome] = await onCpu(2, (executor) => compareWithReference(executor, [call]));
  if (outcome === undefined) throw new Error('materialize writes nothing');
  return outcome;
}

const exact = {
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  silu: (x: number) => x / (1 + Math.exp(-x)),
  siluSlope: (x: number) => {
    const s = 1 / (1 + Math.exp(-x));
    return s * (1 + x * (1 - s));
  },
};

it.for([
  ['silu', silu],
  ['siluSlope', siluSlope],
  ['sigmoid', sigmoid],
] as const)('computes %s as closely as float32 holds it', async ([name, activation]) => {
  const { actual } = await activated(activation);
  let worst = 0;
  for (const [i, x] of numbers.entries()) {
    if (!Number.isFinite(x)) continue;
    const error = Math.abs((actual[i] as number) - exact[name](x)) / Math.max(1, Math.abs(x));
    if (!(error <= worst)) worst = error;
  }
  expect(worst).toBeLessThanOrEqual(2e-7);
});

it.for([
  ['silu', silu],
  ['siluSlope', siluSlope],
  ['sigmoid', sigmoid],
] as const)('keeps %s finite where float64 does', async ([, activation]) => {
  const { actual, reference } = await activated(activation);
  const differs = (_: number, i: number) =>
    Number.isFinite(actual[i] as number) !== Number.isFinite(reference[i] as number);
  expect([...numbers].filter(differs)).toEqual([]);
});
