import { tensor, zeros } from '../../../reference/tensors/known-tensor.ts';
import type { Epilogue } from '../../../tensor-kernels/epilogue.ts';
import {
  type Lazy,
  load,
  multiply,
  normalize,
  output,
  perSample,
  silu,
  siluSlope,
  standardize,
  unnormalize,
} from '../../../tensor-kernels/lazy.ts';
import type { View } from '../../../tensor-kernels/tensor.ts';

/** Rows and channels of a value. */
export interface Extent {
  readonly rows: number;
  readonly channels: number;
}

export const stored = (name: string, { rows, channels }: Extent): Lazy =>
  load(tensor(name, 'store', rows * channels));
const vectorsOf = (name: string, { channels }: Extent): View =>
  tensor(`vectors of ${name}`, 'f32', 8 * channels);

/** A convolution's output as the next layer reads it: normalized and activated. */
export const activated = (name: string, extent: Extent): Lazy =>
  silu(normalize(stored(name, extent), vectorsOf(name, extent)));

/** The same, with squeeze-and-excite's factors for each sample. */
export const excited = (name: string, extent: Extent, samples: number): Lazy =>
  multiply(
    activated(name, extent),
    perSample(load(tensor(`factors of ${name}`, 'f32', samples * extent.channels))),
  );

/** The gradient of a convolution's output, from that of its activated batch norm. */
export function gradientThroughNorm(name: string, extent: Extent): Lazy {
  const vectors = vectorsOf(name, extent);
  const input = stored(`input of ${name}`, extent);
  return unnormalize(multiply(stored(name, extent), siluSlope(normalize(input, vectors))), input, vectors);
}

const partsOf = ({ rows, channels }: Extent, chunk: number): View =>
  zeros('parts of the epilogue', 'f32', Math.ceil(rows / chunk) * 2 * channels);

export const momentsOf = (extent: Extent, chunk: number): Epilogue => ({
  kind: 'moments',
  parts: partsOf(extent, chunk),
});

/** What the backward pass of a batch norm sums. */
export function normSumsOf(extent: Extent, chunk: number): Epilogue {
  const vectors = vectorsOf('the sums', extent);
  const input = stored('input of the sums', extent);
  const gradient = multiply(output, siluSlope(normalize(input, vectors)));
  const terms = [gradient, multiply(gradient, standardize(input, vectors))] as const;
  return { kind: 'sums', terms, parts: partsOf(extent, chunk) };
}
