import fc from 'fast-check';
import { describe } from 'vitest';
import { columnSums } from '../../../backends/tensor-kernels/column-sums/column-sums.ts';

import type { Epilogue } from '../../../backends/tensor-kernels/epilogue.ts';

import {
  type Lazy,
  load,
  multiply,
  normalize,
  one,
  overRows,
  perSample,
  silu,
  siluSlope,
  standardize,
} from '../../../backends/tensor-kernels/lazy.ts';

import { materialize } from '../../../backends/tensor-kernels/materialize/materialize.ts';
import { materializeColumns } from '../../../backends/tensor-kernels/materialize-columns/materialize-columns.ts';
import { sampleSums } from '../../../backends/tensor-kernels/sample-sums/sample-sums.ts';
import { callOf, tensor } from '../../support/kernel-calls.ts';
import { activated, gradientThroughNorm, momentsOf, normSumsOf } from '../../support/lazies.ts';
import { itAsReferenceInAnyShape, itOnCpuAsReferenceInAnyShape } from '../../support/tensor-shapes.ts';
import { itAsReference } from '../../support/tensor-tests.ts';

const [samples, sampleRows, c4] = [3, 37, 17];
const [rows, channels] = [samples * sampleRows, 4 * c4];
const numbers = { rows, samples, c4, sampleRows };

describe('materialize', () => {
  itAsReference('stores a lazy value', () =>
    callOf(
      materialize,
      { x: activated('x', rows, channels), out: tensor('out', 'store', rows * channels) },
      { rows, c4, sampleRows },
    ),
  );
});

describe('materialize-columns', () => {
  const chunk = 50;
  const call = (epilogue?: Epilogue) => ({
    ...callOf(
      materializeColumns,
      { x: gradientThroughNorm('x', rows, channels), out: tensor('out', 'store', rows * channels) },
      { rows, c4, sampleRows, chunk },
    ),
    ...(epilogue && { epilogue }),
  });

  itAsReference('stores a lazy value', () => call());

  itAsReference('takes moments of it', () => call(momentsOf(rows, channels, chunk)));

  itAsReference('sums what a batch norm sums of it', () => call(normSumsOf(rows, channels, chunk)));
});

describe('sample-sums', () => {
  const call = (terms: readonly Lazy[]) => {
    const listed = Object.fromEntries(terms.map((term, i) => [`terms${i}`, term]));
    const out = tensor('out', 'f32', terms.length * samples * channels);
    return callOf(sampleSums, { ...listed, out }, numbers);
  };

  itAsReference('sums one term', () => call([activated('x', rows, channels)]));

  itAsReference('sums six terms', () => {
    const x = activated('x', rows, channels);
    const y = load(tensor('y', 'store', rows * channels));
    return call([x, y, multiply(x, y), one, silu(y), gradientThroughNorm('g', rows, channels)]);
  });
});

const shapes = {
  samples: fc.integer({ min: 1, max: 9 }),
  sampleRows: fc.integer({ min: 1, max: 90 }),
  // of many channels, the rows of a sample are more than one block of a CPU's
  c4: fc.integer({ min: 1, max: 50 }),
};

describe('sample-sums', () => {
  itAsReferenceInAnyShape(shapes, ({ samples, sampleRows, c4 }) => {
    const rows = samples * sampleRows;
    const terms0 = load(tensor('x', 'store', rows * 4 * c4));
    const terms1 = overRows(silu(terms0));
    const out = tensor('out', 'f32', 2 * samples * 4 * c4);
    return callOf(sampleSums, { terms0, terms1, out }, { rows, samples, c4, sampleRows });
  });
});

describe('sample-sums of a gradient through a batch norm', () => {
  const termsOf = (rows: number, channels: number): readonly Lazy[] => {
    const d = load(tensor('d', 'store', rows * channels));
    const z = load(tensor('z', 'store', rows * channels));
    const vectors = tensor('vectors', 'f32', 8 * channels);
    const [normalized, distance] = [normalize(z, vectors), standardize(z, vectors)];
    const slope = siluSlope(normalized);
    const gradient = multiply(d, slope);
    return [
      multiply(d, silu(normalized)),
      multiply(silu(normalized), d),
      ...[gradient, multiply(gradient, distance), slope, multiply(slope, distance)],
      // not of those that a CPU computes together
      siluSlope(normalize(d, vectors)),
      multiply(slope, standardize(d, vectors)),
      multiply(d, silu(normalize(z, tensor('other vectors', 'f32', 8 * channels)))),
    ];
  };

  // on a GPU each choice is a shader of its own
  itOnCpuAsReferenceInAnyShape(
    { ...shapes, chosen: fc.uniqueArray(fc.nat(8), { minLength: 1, maxLength: 4 }) },
    ({ samples, sampleRows, c4, chosen }) => {
      const rows = samples * sampleRows;
      const all = termsOf(rows, 4 * c4);
      const terms = chosen.map((i, n) => [`terms${n}`, all[i] as Lazy]);
      const out = tensor('out', 'f32', terms.length * samples * 4 * c4);
      const operands = { ...Object.fromEntries(terms), out };
      return callOf(sampleSums, operands, { rows, samples, c4, sampleRows });
    },
  );
});

describe('column-sums', () => {
  itAsReferenceInAnyShape(
    { ...shapes, chunk: fc.integer({ min: 1, max: 700 }) },
    ({ samples, sampleRows, c4, chunk }) => {
      const rows = samples * sampleRows;
      const first = load(tensor('x', 'store', rows * 4 * c4));
      const second = multiply(first, perSample(load(tensor('f', 'f32', samples * 4 * c4))));
      const parts = tensor('parts', 'f32', Math.ceil(rows / chunk) * 8 * c4);
      return callOf(columnSums, { first, second, parts }, { rows, c4, sampleRows, chunk });
    },
  );

  const products = (chosen: number) => () => {
    const vectors = tensor('vectors', 'f32', 8 * channels);
    const [d, z] = ['d', 'z'].map((name) => load(tensor(name, 'store', rows * channels))) as [Lazy, Lazy];
    const gradient = multiply(d, siluSlope(normalize(z, vectors)));
    const distance = standardize(z, vectors);
    const seconds = [gradient, multiply(z, siluSlope(normalize(z, vectors))), d];
    const second = multiply(seconds[chosen] as Lazy, distance);
    const parts = tensor('parts', 'f32', Math.ceil(rows / 50) * 2 * channels);
    return callOf(columnSums, { first: gradient, second, parts }, { rows, c4, sampleRows, chunk: 50 });
  };

  itAsReference('sums a gradient, and its product with the standardized input', products(0));
  itAsReference('sums a gradient, and a product of another one', products(1));
  itAsReference('sums a gradient, and a product of a stored value', products(2));
  itAsReference('sums two terms over chunks of rows', () => {
    const [first, second] = [activated('x', rows, channels), gradientThroughNorm('g', rows, channels)];
    const parts = tensor('parts', 'f32', Math.ceil(rows / 50) * 2 * channels);
    return callOf(columnSums, { first, second, parts }, { rows, c4, sampleRows, chunk: 50 });
  });
});
