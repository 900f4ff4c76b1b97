import { type Lazy, load } from '../../tensor-kernels/lazy.ts';
import type { View } from '../../tensor-kernels/tensor.ts';

/** Kinds in the order of their numbers (lazy-formulas.as.ts). Some compute in one pass what often stands together. */
const kinds = [
  ...([
    'load',
    'one',
    'perSample',
    'sampleFactor',
    'overRows',
    'silu',
    'siluSlope',
    'add',
    'multiply',
  ] as const),
  ...(['normalize', 'standardize', 'rescale', 'unnormalize'] as const),
  ...([
    'timesPerSample',
    'siluOfNormalized',
    'timesSlopeOfNormalized',
    'timesStandardized',
    'timesSlopeOfActivated',
  ] as const),
  ...(['sigmoid', 'sigmoidSlope', 'quantize', 'withinRange'] as const),
  ...(['timesWithinRange', 'quantizeNormalized', 'timesSlopeFrom'] as const),
] as const;

/** The words of a lazy value in memory: `of` and `by` may be a stored tensor's. */
interface Block {
  readonly kind: (typeof kinds)[number];
  readonly of?: Lazy | View;
  readonly by?: Lazy;
  readonly vectors?: View;
  readonly range?: View;
  readonly activated?: Lazy;
}

/** Where words and tensors are in memory. */
export interface Places {
  /** The address of words that are written to memory. */
  put(words: readonly number[]): number;
  addressOf(view: View): number;
}

/** Writes a lazy value to memory. @param output what `output` stands for */
export function putLazy(lazy: Lazy, places: Places, output?: View): number {
  const { kind, of, by, vectors, range, activated } = blockOf(lazy, output);
  const put = (one: Lazy | View | undefined): number => {
    if (one === undefined) return 0;
    return 'kind' in one ? putLazy(one, places, output) : places.addressOf(one);
  };
  return places.put([kinds.indexOf(kind), put(of), put(by), put(vectors), put(range), put(activated)]);
}

function blockOf(lazy: Lazy, output: View | undefined): Block {
  switch (lazy.kind) {
    case 'siluSlope':
      return { kind: lazy.kind, of: lazy.of };
    case 'load':
    case 'sampleFactor':
      return { kind: lazy.kind, of: lazy.view };
    case 'output':
      if (output === undefined) throw new Error('cpu: only an epilogue has an output');
      return { kind: 'load', of: output };
    case 'silu':
      return lazy.of.kind === 'normalize' ? { ...lazy.of, kind: 'siluOfNormalized' } : lazy;
    case 'quantize':
      return lazy.of.kind === 'normalize' ? { ...lazy, ...lazy.of, kind: 'quantizeNormalized' } : lazy;
    case 'multiply':
      return productOf(lazy.of, lazy.by) ?? productOf(lazy.by, lazy.of) ?? lazy;
    case 'unnormalize':
      return { kind: lazy.kind, of: lazy.of, by: lazy.input, vectors: lazy.vectors };
    default:
      return lazy;
  }
}

/** A product whose second factor is computed with it. */
function productOf(of: Lazy, factor: Lazy): Block | undefined {
  if (factor.kind === 'perSample') return { kind: 'timesPerSample', of, by: factor.of };
  if (factor.kind === 'standardize')
    return { kind: 'timesStandardized', of, by: factor.of, vectors: factor.vectors };
  if (factor.kind === 'withinRange')
    return { kind: 'timesWithinRange', of, by: factor.of, range: factor.range };
  return factor.kind === 'siluSlope' ? productWithSlope(of, factor) : undefined;
}

function productWithSlope(of: Lazy, factor: Extract<Lazy, { kind: 'siluSlope' }>): Block | undefined {
  const { activated } = factor;
  if (factor.of.kind !== 'normalize')
    return activated && { kind: 'timesSlopeFrom', of, by: factor.of, activated: load(activated) };
  const product = { of, by: factor.of.of, vectors: factor.of.vectors };
  if (activated === undefined) return { kind: 'timesSlopeOfNormalized', ...product };
  return { kind: 'timesSlopeOfActivated', ...product, activated: load(activated) };
}
