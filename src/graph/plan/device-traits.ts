import { cpuSplit } from './cpu-split.ts';
import { gpuSplit } from './gpu-split.ts';
import type { Split } from './split.ts';

/** What a plan has to know of the device. */
export interface DeviceTraits {
  /** So many tensors a kernel may bind. */
  readonly mostBindings: number;
  /** So many bytes of a tensor a kernel may bind. */
  readonly largestBinding: number;
  readonly split: Split;
  /** Whether weights of products lie in panels (backends/tensor-kernels/panels.ts). */
  readonly hasPanels: boolean;
  /**
   * Whether what an activation makes is stored where it is read more than once, and its gradient: where memory is near and exponentials are
   * dear. Else all who read it compute it.
   */
  readonly storesActivations: boolean;
  /** Whether a filter's gradient in one part is added in place. */
  readonly addsInPlace: boolean;
}

/** More bindings would gain nothing. */
const MOST_BINDINGS = 12;

/**
 * A GPU. Every model's training step makes do with 10 bindings.
 * @param limits default: 12 bindings, each of any size
 */
export const gpuTraits = (
  limits: Partial<Pick<DeviceTraits, 'mostBindings' | 'largestBinding'>> = {},
): DeviceTraits => ({
  mostBindings: Math.min(MOST_BINDINGS, limits.mostBindings ?? MOST_BINDINGS),
  largestBinding: limits.largestBinding ?? Number.POSITIVE_INFINITY,
  split: gpuSplit,
  hasPanels: false,
  storesActivations: false,
  addsInPlace: false,
});

export const cpuTraits: DeviceTraits = {
  mostBindings: Number.POSITIVE_INFINITY,
  largestBinding: Number.POSITIVE_INFINITY,
  split: cpuSplit,
  hasPanels: true,
  storesActivations: true,
  addsInPlace: true,
};
