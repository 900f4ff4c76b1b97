import type { Epilogue } from '../../backends/tensor-kernels/epilogue.ts';
import {
  type Lazy,
  load,
  multiply,
  normalize,
  output,
  silu,
  siluSlope,
  standardize,
  unnormalize,
} from '../../backends/tensor-kernels/lazy.ts';
import { viewOf } from '../../backends/tensor-kernels/tensor.ts';
import { filled } from './tensor-calls.ts';

const stored = (name: string, size: number): Lazy => load(viewOf(filled(name, 'store', size)));
const vectorsOf = (name: string, channels: number) =>
  viewOf(filled(`vectors of ${name}`, 'f32', 8 * channels));

/** A convolution's output as the next layer reads it: normalised and activated, [rows, channels]. */
export const activated = (name: string, rows: number, channels: number): Lazy =>
  silu(normalize(stored(name, rows * channels), vectorsOf(name, channels)));

/** The gradient of a convolution's output, from that of its activated batch norm. */
export function gradientThroughNorm(name: string, rows: number, channels: number): Lazy {
  const vectors = vectorsOf(name, channels);
  const input = stored(`input of ${name}`, rows * channels);
  const gradient = multiply(stored(name, rows * channels), siluSlope(normalize(input, vectors)));
  return unnormalize(gradient, input, vectors);
}

const partsOf = (rows: number, channels: number, chunk: number) =>
  viewOf(filled('epilogue', 'f32', Math.ceil(rows / chunk) * 2 * channels, () => 7));

export const momentsOf = (rows: number, channels: number, chunk: number): Epilogue => ({
  kind: 'moments',
  parts: partsOf(rows, channels, chunk),
});

/** What the backward pass of a batch norm sums. */
export function normSumsOf(rows: number, channels: number, chunk: number): Epilogue {
  const vectors = vectorsOf('epilogue', channels);
  const input = stored('input of the epilogue', rows * channels);
  const gradient = multiply(output, siluSlope(normalize(input, vectors)));
  const terms = [gradient, multiply(gradient, standardize(input, vectors))] as const;
  return { kind: 'sums', terms, parts: partsOf(rows, channels, chunk) };
}
