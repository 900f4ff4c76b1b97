import type { KernelForm } from '../kernel-form.ts';
import { rowProductWgsl } from '../row-product.wgsl.ts';

export const pointwiseInputGradientWgsl = (form: KernelForm): string =>
  rowProductWgsl(
    {
      rows: 'g',
      weights: 'kn',
      value: (sum, row, c) => (form.has('add') ? `${sum} + add(${row}, ${c})` : sum),
    },
    form,
  );
