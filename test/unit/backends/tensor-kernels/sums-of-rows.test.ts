import { expect, it } from 'vitest';
import { columnSums } from '../../../../backends/tensor-kernels/column-sums/column-sums.ts';
import { materialize } from '../../../../backends/tensor-kernels/materialize/materialize.ts';
import { sampleSums } from '../../../../backends/tensor-kernels/sample-sums/sample-sums.ts';

/** [5 rows, 4 channels]: row r holds 10^r times 1, 2, 3, 4. */
const rows = Float64Array.from({ length: 20 }, (_, i) => 10 ** Math.floor(i / 4) * ((i % 4) + 1));
const negative = rows.map((value) => -value);
/** What two sums hold before: a kernel writes over it. */
const stale = (values: number) => new Float64Array(values).fill(7);

it('stores a value as it is', () => {
  const out = stale(20);
  materialize.reference({ x: rows, out }, { rows: 5, c4: 1, sampleRows: 5 });
  expect(out).toEqual(rows);
});

it('sums each term over the rows of each sample', () => {
  const out = stale(16);
  const terms = [rows.subarray(0, 16), negative.subarray(0, 16)];
  sampleSums.reference({ terms, out }, { rows: 4, samples: 2, c4: 1, sampleRows: 2 });
  const first = [11, 22, 33, 44, 1100, 2200, 3300, 4400];
  expect([...out]).toEqual([...first, ...first.map((value) => -value)]);
});

it('sums two values over chunks of rows, of which the last is shorter', () => {
  const parts = stale(24);
  columnSums.reference({ first: rows, second: negative, parts }, { rows: 5, c4: 1, sampleRows: 5, chunk: 2 });
  const sums = [11, 1100, 10_000].flatMap((sum) => [sum, -sum]);
  expect([...parts]).toEqual(sums.flatMap((sum) => [sum, 2 * sum, 3 * sum, 4 * sum]));
});
