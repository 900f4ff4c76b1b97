import type { KernelForm } from './kernel-form.ts';

/** The edge of a kernel's filter, its stride, and how far it reaches over the border above and on the left. */
export interface Filter {
  readonly kernel: number;
  readonly stride: number;
  readonly marginTop: number;
  readonly marginLeft: number;
}

export function filterOf({ constants }: KernelForm): Filter {
  const { kernel, stride, marginTop, marginLeft } = constants as unknown as Filter;
  return { kernel, stride, marginTop, marginLeft };
}
