import type { Lazy } from './lazy.ts';
import type { View } from './tensor.ts';

/**
 * Sums over the rows of a kernel's output, a part for each `chunk` of rows: `parts` [parts, 2, channels]. `moments` are a
 * part's mean and its sum of squared distances from that mean; `sums` are the sums of two lazy values, in which `output`
 * stands for what the kernel computed. The output counts as it is stored, rounded.
 */
export type Epilogue =
  | { readonly kind: 'moments'; readonly parts: View }
  | { readonly kind: 'sums'; readonly terms: readonly [Lazy, Lazy]; readonly parts: View };
