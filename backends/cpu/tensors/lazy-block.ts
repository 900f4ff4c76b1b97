import { isSame, type Lazy, load } from '../../tensor-kernels/lazy.ts';
import type { View } from '../../tensor-kernels/tensor.ts';

/** Kinds in the order of their numbers (lazy-formulas.as.ts). Some compute in one pass what often stands together. */
export const kinds = [
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
  ...(['timesSlopeWithin', 'timesSlopeOfQuantized', 'timesPerSampleWithin'] as const),
  ...(['requantize', 'lookup', 'lookupPair'] as const),
] as const;

/** The words of a lazy value in memory: `of` and `by` may be a stored tensor's. */
interface Block {
  readonly kind: (typeof kinds)[number];
  readonly of?: Lazy | View;
  readonly by?: Lazy;
  readonly vectors?: View;
  readonly range?: View;
  readonly inner?: View;
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
  const { kind, of, by, vectors, range, inner, activated } = blockOf(lazy, output);
  const put = (one: Lazy | View | undefined): number => {
    if (one === undefined) return 0;
    return 'kind' in one ? putLazy(one, places, output) : places.addressOf(one);
  };
  const words = [of, by, vectors, range, inner, activated].map(put);
  return places.put([kinds.indexOf(kind), ...words]);
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
    case 'lookup':
    case 'lookupPair':
      return { ...lazy, vectors: lazy.view };
    default:
      return lazy;
  }
}

type Ranged = Extract<Lazy, { readonly range: View }>;
type Of<Kind extends Lazy['kind']> = Extract<Lazy, { readonly kind: Kind }>;

/** A product whose second factor is computed with it. */
function productOf(of: Lazy, factor: Lazy): Block | undefined {
  switch (factor.kind) {
    case 'perSample':
      return productOfSamples(of, factor);
    case 'standardize':
      return { kind: 'timesStandardized', of, by: factor.of, vectors: factor.vectors };
    case 'withinRange':
      return (
        slopeOfQuantized(of, factor) ?? { kind: 'timesWithinRange', of, by: factor.of, range: factor.range }
      );
    case 'siluSlope':
      return productWithSlope(of, factor);
    default:
      return undefined;
  }
}

function productOfSamples(of: Lazy, factor: Of<'perSample'>): Block {
  const masked = maskedOf(of);
  if (masked === undefined) return { kind: 'timesPerSample', of, by: factor.of };
  const { of: value, mask } = masked;
  return {
    ...{ kind: 'timesPerSampleWithin', of: value, by: factor.of },
    ...{ activated: mask.of, range: mask.range },
  };
}

function productWithSlope(of: Lazy, factor: Of<'siluSlope'>): Block | undefined {
  const { activated } = factor;
  if (factor.of.kind !== 'normalize')
    return activated && { kind: 'timesSlopeFrom', of, by: factor.of, activated: load(activated) };
  const product = { of, by: factor.of.of, vectors: factor.of.vectors };
  if (activated === undefined) return { kind: 'timesSlopeOfNormalized', ...product };
  const masked = maskedOf(of);
  const slope = { ...product, activated: load(activated) };
  if (masked === undefined || !isLoadOf(masked.mask.of, activated))
    return { kind: 'timesSlopeOfActivated', ...slope };
  return { ...slope, kind: 'timesSlopeWithin', of: masked.of, range: masked.mask.range };
}

/** The gradient before a normalized value was rounded, which passes within its range `inner`, and was then activated. */
function slopeOfQuantized(of: Lazy, { of: x, range: inner }: Ranged): Block | undefined {
  if (of.kind !== 'multiply' || of.by.kind !== 'siluSlope' || x.kind !== 'normalize') return undefined;
  const { of: rounded, activated } = of.by;
  const masked = maskedOf(of.of);
  if (masked === undefined || activated === undefined || !isLoadOf(masked.mask.of, activated))
    return undefined;
  const isOfInner = rounded.kind === 'quantize' && rounded.of === x && isSame(rounded.range, inner);
  if (!isOfInner) return undefined;
  return {
    ...{ kind: 'timesSlopeOfQuantized', of: masked.of, by: x.of, vectors: x.vectors, inner },
    ...{ range: masked.mask.range, activated: load(activated) },
  };
}

/** What a mask is multiplied to. */
const maskedOf = (lazy: Lazy) =>
  lazy.kind === 'multiply' && lazy.by.kind === 'withinRange' ? { of: lazy.of, mask: lazy.by } : undefined;

const isLoadOf = (lazy: Lazy, view: View): boolean => lazy.kind === 'load' && isSame(lazy.view, view);
