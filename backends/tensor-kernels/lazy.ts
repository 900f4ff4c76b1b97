import type { View } from './tensor.ts';

/**
 * A tensor that is never stored: how a kernel computes it from stored ones where it loads it. It has a value for every row
 * and channel; rows are pixels of samples, `sampleRows` of them each.
 */
export type Lazy =
  | { readonly kind: 'load'; readonly view: View }
  /** What the kernel has just computed, where a sum of its output is taken. */
  | { readonly kind: 'output' }
  | { readonly kind: 'one' }
  /** The value of `of`, which has a row for each sample, at the row's sample. */
  | { readonly kind: 'perSample'; readonly of: Lazy }
  /** A factor for each sample: values [samples]. */
  | { readonly kind: 'sampleFactor'; readonly view: View }
  /** Divided by the number of rows of a sample. */
  | { readonly kind: 'overRows'; readonly of: Lazy }
  | { readonly kind: 'silu' | 'sigmoid'; readonly of: Lazy }
  /** `activated`: where silu(of) is stored, if it is: the slope is then computed from both, without an exponential. */
  | { readonly kind: 'siluSlope'; readonly of: Lazy; readonly activated?: View }
  /** Of the sigmoid's value y: y (1 - y). */
  | { readonly kind: 'sigmoidSlope'; readonly of: Lazy }
  /** Rounded to a range (see range.ts); and 1 where rounding meets no limit of the range, else 0. */
  | { readonly kind: 'quantize' | 'withinRange'; readonly of: Lazy; readonly range: View }
  | { readonly kind: 'add' | 'multiply'; readonly of: Lazy; readonly by: Lazy }
  /** Of a channel's vectors [8, channels] (see `channelVectors`). */
  | { readonly kind: 'normalize' | 'standardize' | 'rescale'; readonly of: Lazy; readonly vectors: View }
  | { readonly kind: 'unnormalize'; readonly of: Lazy; readonly input: Lazy; readonly vectors: View };

/**
 * Rows of a batch norm's vectors, each with a value for every channel. The output is scale x + shift; the gradient of the
 * input x is slope g + bend x + offset, where g is the output's.
 */
export const channelVectors = {
  scale: 0,
  shift: 1,
  mean: 2,
  deviation: 3,
  slope: 4,
  bend: 5,
  offset: 6,
} as const;
/** Rows of the vectors' tensor. `deviation` is the reciprocal of the standard deviation. */
export const vectorRows = 8;

export const load = (view: View): Lazy => ({ kind: 'load', view });
export const output: Lazy = { kind: 'output' };
export const one: Lazy = { kind: 'one' };
export const perSample = (of: Lazy): Lazy => ({ kind: 'perSample', of });
export const sampleFactor = (view: View): Lazy => ({ kind: 'sampleFactor', view });
export const overRows = (of: Lazy): Lazy => ({ kind: 'overRows', of });
/** x sigmoid(x), and its derivative. */
export const silu = (of: Lazy): Lazy => ({ kind: 'silu', of });
export const siluSlope = (of: Lazy, activated?: View): Lazy => ({
  kind: 'siluSlope',
  of,
  ...(activated && { activated }),
});
export const sigmoid = (of: Lazy): Lazy => ({ kind: 'sigmoid', of });
/** The derivative of sigmoid, from its value. */
export const sigmoidSlope = (of: Lazy): Lazy => ({ kind: 'sigmoidSlope', of });
export const quantize = (of: Lazy, range: View): Lazy => ({ kind: 'quantize', of, range });
/** What a gradient is multiplied by to go straight through `quantize`. */
export const withinRange = (of: Lazy, range: View): Lazy => ({ kind: 'withinRange', of, range });
export const add = (of: Lazy, by: Lazy): Lazy => ({ kind: 'add', of, by });
export function multiply(of: Lazy, by: Lazy): Lazy {
  if (of.kind === 'one') return by;
  return by.kind === 'one' ? of : { kind: 'multiply', of, by };
}
/** scale x + shift: a batch norm's output. */
export const normalize = (of: Lazy, vectors: View): Lazy => ({ kind: 'normalize', of, vectors });
/** (x - mean) / standard deviation: a batch norm's output before scale and shift. */
export const standardize = (of: Lazy, vectors: View): Lazy => ({ kind: 'standardize', of, vectors });
/** scale x: the gradient of a batch norm's input, from its output's, where the statistics do not depend on the input. */
export const rescale = (of: Lazy, vectors: View): Lazy => ({ kind: 'rescale', of, vectors });
/** slope g + bend x + offset: the gradient of a batch norm's input x, from its output's. */
export const unnormalize = (of: Lazy, input: Lazy, vectors: View): Lazy => ({
  kind: 'unnormalize',
  of,
  input,
  vectors,
});

/** The lazy values that a lazy value is computed from. */
export function inputsOf(lazy: Lazy): readonly Lazy[] {
  if (lazy.kind === 'unnormalize') return [lazy.of, lazy.input];
  if ('by' in lazy) return [lazy.of, lazy.by];
  return 'of' in lazy ? [lazy.of] : [];
}

/** The stored tensors that a lazy value reads, each view once. */
export function viewsOf(lazy: Lazy): View[] {
  return distinctViews([...ownViewsOf(lazy), ...inputsOf(lazy).flatMap(viewsOf)]);
}

function ownViewsOf(lazy: Lazy): readonly View[] {
  if ('view' in lazy) return [lazy.view];
  if ('vectors' in lazy) return [lazy.vectors];
  if ('range' in lazy) return [lazy.range];
  return lazy.kind === 'siluSlope' && lazy.activated ? [lazy.activated] : [];
}

export const distinctViews = (views: readonly View[]): View[] =>
  views.filter((view, i) => views.findIndex((other) => isSame(other, view)) === i);

/** The lazy value with `found` in place of each load of the view. */
export function replaceLoad(lazy: Lazy, view: View, found: Lazy): Lazy {
  if (lazy.kind === 'load') return isSame(lazy.view, view) ? found : lazy;
  const replaced = (input: Lazy) => replaceLoad(input, view, found);
  if (lazy.kind === 'unnormalize') return { ...lazy, of: replaced(lazy.of), input: replaced(lazy.input) };
  if ('by' in lazy) return { ...lazy, of: replaced(lazy.of), by: replaced(lazy.by) };
  return 'of' in lazy ? { ...lazy, of: replaced(lazy.of) } : lazy;
}

export const isSame = (a: View, b: View): boolean =>
  a.tensor === b.tensor && a.offset === b.offset && a.size === b.size;
