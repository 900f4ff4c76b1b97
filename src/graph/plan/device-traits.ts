import { cpuSplit } from './cpu-split.ts';
import { gpuSplit } from './gpu-split.ts';
import type { Split } from './split.ts';

/** Where memory is near, storing takes less time than computing again. */
export interface Stores {
  /** Activated values. */
  readonly activated: boolean;
  /** Activated values times a squeeze and excitation's factors. */
  readonly scaled: boolean;
  /** Gradients of what activations and batch norms read. They live for a moment. */
  readonly gradients: boolean;
  /** Integers that tables give, even where they are read once: a window would look up each for each of its taps. */
  readonly lookedUp: boolean;
}

/** What a plan has to know of the device. */
export interface DeviceTraits {
  /** So many tensors a kernel may bind. */
  readonly mostBindings: number;
  /** So many bytes of a tensor a kernel may bind. */
  readonly largestBinding: number;
  readonly split: Split;
  /** Whether weights of products lie in panels (backends/tensor-kernels/panels.ts). */
  readonly hasPanels: boolean;
  /** What is stored where it is read more than once; what is not, all who read it compute. */
  readonly stores: Stores;
  /** Whether a filter's gradient in one part is added in place. */
  readonly addsInPlace: boolean;
  /** Whether lazy values may read images in float16. */
  readonly readsHalves: boolean;
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
  stores: { activated: false, scaled: false, gradients: false, lookedUp: true },
  addsInPlace: false,
  readsHalves: true,
});

const cpuTraitsThatStore = (stores: Partial<Stores>): DeviceTraits => ({
  mostBindings: Number.POSITIVE_INFINITY,
  largestBinding: Number.POSITIVE_INFINITY,
  split: cpuSplit,
  hasPanels: true,
  stores: { activated: true, scaled: true, gradients: true, lookedUp: false, ...stores },
  addsInPlace: true,
  readsHalves: false,
});

/** For a quantised graph: a gradient that is not stored would read a range for each point, more than a GPU binds at once. */
export const quantizedTraits = (device: DeviceTraits): DeviceTraits => ({
  ...device,
  stores: { ...device.stores, gradients: true },
});

/** A CPU, with as much memory as is best, and with less and less. */
export const cpuTraits = cpuTraitsThatStore({});
export const cpuTraitsBySpeed = [
  cpuTraits,
  cpuTraitsThatStore({ scaled: false }),
  cpuTraitsThatStore({ scaled: false, activated: false }),
] as const;
