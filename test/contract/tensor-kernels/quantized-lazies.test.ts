import { describe, expect, it } from 'vitest';
import { kinds, putLazy } from '../../../backends/cpu/tensors/lazy-block.ts';
import { known } from '../../../backends/reference/tensors/known-tensor.ts';
import { lazyValues } from '../../../backends/reference/tensors/lazy-values.ts';
import {
  add,
  type Lazy,
  load,
  multiply,
  normalize,
  output,
  overRows,
  perSample,
  quantize,
  silu,
  siluSlope,
  standardize,
  withinRange,
} from '../../../backends/tensor-kernels/lazy.ts';
import { materialize } from '../../../backends/tensor-kernels/materialize/materialize.ts';
import { materializeColumns } from '../../../backends/tensor-kernels/materialize-columns/materialize-columns.ts';
import { rangeOf } from '../../../backends/tensor-kernels/range.ts';
import { type View, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import { callOf, tensor } from '../../support/kernel-calls.ts';
import { itAsReference } from '../../support/tensor-tests.ts';

// a quantised model's gradients, which a CPU computes in one pass where they look as they do here

const [samples, sampleRows, c4] = [3, 37, 5];
const [rows, channels] = [samples * sampleRows, 4 * c4];
const extent = { rows, c4, sampleRows };

// each about half as wide as the values are
const range = (name: string): View => viewOf(known(name, 'f32', Float64Array.from(rangeOf(0.3, 7))));
const [ofActivated, ofNormalized, ofScaled] = ['activated', 'normalized', 'scaled'].map(range) as [
  View,
  View,
  View,
];
const vectors = tensor('vectors', 'f32', 8 * channels);
const z = load(tensor('z', 'f32', rows * channels));
const normalized = normalize(z, vectors);
const rounded = quantize(normalized, ofNormalized);

/** A stored tensor that holds what the lazy value is. */
function storedAs(name: string, lazy: Lazy): View {
  const values = lazyValues(lazy, { rows, channels, sampleRows }, ({ tensor: one, offset, size }) =>
    (one as ReturnType<typeof known>).values.subarray(offset, offset + size),
  );
  return viewOf(known(name, 'f32', values.map(Math.fround)));
}

const [y, yOfRounded] = [storedAs('y', silu(normalized)), storedAs('y of rounded', silu(rounded))];
const g = load(tensor('g', 'f32', rows * channels));
const factors = load(tensor('factors', 'f32', samples * channels));
const means = load(tensor('means', 'f32', samples * channels));
const scaled = load(tensor('scaled', 'f32', rows * channels));

const within = (gradient: Lazy, activated: View) =>
  multiply(gradient, withinRange(load(activated), ofActivated));
const ofPool = add(
  multiply(multiply(g, withinRange(scaled, ofScaled)), perSample(factors)),
  overRows(perSample(means)),
);
const before = (gradient: Lazy) => multiply(within(gradient, y), siluSlope(normalized, y));
const beforeRounded = (gradient: Lazy) =>
  multiply(
    multiply(within(gradient, yOfRounded), siluSlope(rounded, yOfRounded)),
    withinRange(normalized, ofNormalized),
  );

const gradients: Readonly<Record<string, readonly [Lazy, kind: string]>> = {
  'of scaled values': [
    multiply(multiply(g, withinRange(scaled, ofScaled)), perSample(factors)),
    'timesPerSampleWithin',
  ],
  'before an activation': [before(g), 'timesSlopeWithin'],
  'before an activation that is pooled and scaled': [before(ofPool), 'timesSlopeWithin'],
  'before an activation of rounded values': [beforeRounded(g), 'timesSlopeOfQuantized'],
  'before an activation of rounded values that is pooled and scaled': [
    beforeRounded(ofPool),
    'timesSlopeOfQuantized',
  ],
  'before an activation of rounded values, without a mask': [
    multiply(g, siluSlope(rounded, yOfRounded)),
    'timesSlopeFrom',
  ],
  'before an activation, masked by other values': [
    multiply(multiply(g, withinRange(scaled, ofScaled)), siluSlope(normalized, y)),
    'timesSlopeOfActivated',
  ],
};

describe.for(Object.entries(gradients))('the gradient %s', ([, [gradient, kind]]) => {
  const out = () => tensor('out', 'f32', rows * channels);

  it(`is one pass on the CPU: ${kind}`, () => {
    const words: number[][] = [];
    putLazy(gradient, { put: (one) => words.push([...one]), addressOf: () => 4 });
    expect(kinds[words.at(-1)?.[0] as number]).toBe(kind);
  });

  itAsReference('is stored', () => callOf(materialize, { x: gradient, out: out() }, extent));

  itAsReference('is stored with its sums', () => {
    const chunk = 50;
    const parts = tensor('parts', 'f32', Math.ceil(rows / chunk) * 2 * channels, () => 7);
    const terms = [output, multiply(output, standardize(z, vectors))] as const;
    return {
      ...callOf(materializeColumns, { x: gradient, out: out() }, { ...extent, chunk }),
      epilogue: { kind: 'sums', terms, parts },
    };
  });
});
