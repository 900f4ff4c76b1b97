import type { Mixing } from '../../src/core/batch.ts';
import { makeMixing } from '../../src/core/mixing.ts';

/** Rows blended with their partners by one weight, or each by its own; the last of an odd number with the row before it. */
export const blendedBy = (lambda: number | readonly number[], partnerLabels: Int32Array): Mixing =>
  makeMixing({
    partnerRows: partnerLabels.map((_, row) => ((row ^ 1) < partnerLabels.length ? row ^ 1 : row - 1)),
    partnerLabels,
    weights: Float64Array.from(partnerLabels, (_, row) =>
      typeof lambda === 'number' ? lambda : (lambda[row] as number),
    ),
  });
