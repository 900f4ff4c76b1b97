import type { KernelForm } from './kernel-form.ts';

/** The edge of a kernel's filter, its stride, and how far it reaches over the border. */
export interface Filter {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

export function filterOf({ constants }: KernelForm): Filter {
  const kernel = constants['kernel'] as number;
  return { kernel, stride: constants['stride'] as number, padding: (kernel - 1) / 2 };
}
