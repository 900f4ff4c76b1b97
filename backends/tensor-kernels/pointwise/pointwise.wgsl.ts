import type { KernelForm } from '../kernel-form.ts';
import { rowProductWgsl } from '../row-product.wgsl.ts';

export const pointwiseWgsl = (form: KernelForm): string =>
  rowProductWgsl(
    {
      rows: 'x',
      weights: 'nk',
      value: (sum, _row, c) => (form.has('bias') ? `${sum} + bias_at(${c})` : sum),
    },
    form,
  );
