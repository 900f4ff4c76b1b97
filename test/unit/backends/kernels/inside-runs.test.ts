import fc from 'fast-check';
import { expect, it } from 'vitest';
import { insideRuns } from '../../../../backends/kernels/affine/inside-runs.ts';
import type { AffineMatrix } from '../../../../backends/kernels/affine/matrix.ts';
import type { Size } from '../../../../src/core/image.ts';

/** The columns of a row whose source lies inside, each asked for itself. */
function columnsInside([a, b, c, d, e, f]: AffineMatrix, { width, height }: Size, y: number): number[] {
  return Array.from({ length: width }, (_, x) => x).filter((x) => {
    const sourceX = a * (x + 0.5) + b * (y + 0.5) + c;
    const sourceY = d * (x + 0.5) + e * (y + 0.5) + f;
    return sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height;
  });
}

it('finds exactly the columns inside, at slopes of any size and where positions fall on the border', () => {
  const length = fc.integer({ min: 1, max: 40 });
  const round = fc.integer({ min: -8, max: 8 }).map((value) => value / 4);
  const tiny = fc.constantFrom(1e-9, -1e-9, 1e-17, -1e-17, 1e-300, 0, -0);
  const step = fc.oneof(round, tiny, fc.double({ min: -3, max: 3, noNaN: true }));
  const offset = fc.oneof(
    fc.integer({ min: -80, max: 80 }).map((value) => value / 4),
    fc.double({ min: -50, max: 50, noNaN: true }),
  );
  const matrix = fc.tuple(step, step, offset, step, step, offset);
  fc.assert(
    fc.property(matrix, length, length, (matrix, width, height) => {
      insideRuns(matrix, { width, height }).forEach((run, y) => {
        const [first, last] = [run & 0xffff, run >>> 16];
        const columns = Array.from({ length: last - first }, (_, i) => first + i);
        expect(columns).toEqual(columnsInside(matrix, { width, height }, y));
      });
    }),
    { numRuns: 500 },
  );
});
