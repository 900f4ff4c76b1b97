import type { Mixing } from '../../src/core/batch.ts';
import { makeMixing } from '../../src/core/mixing.ts';

/** All rows blended with their partners by one weight. */
export const blendedBy = (lambda: number, partnerLabels: Int32Array): Mixing =>
  makeMixing({
    partnerRows: partnerLabels.map((_, row) => ((row ^ 1) < partnerLabels.length ? row ^ 1 : row)),
    partnerLabels,
    weights: new Float64Array(partnerLabels.length).fill(lambda),
  });
