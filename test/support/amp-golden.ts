import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Batch } from '../../src/core/batch.ts';
import type { NamedTensor, TensorMap } from '../../src/core/trainer.ts';
import { blendedBy } from './blended-by.ts';
import { formulaImages, formulaTensor } from './formula.ts';
import type { TensorSummary } from './tensor-summary.ts';
import { makeBatch } from './trainers.ts';

/** A step in float64, as test/golden/make_amp_golden.py wrote it, and how far PyTorch's float16 autocast is from it. */
export interface AmpGolden {
  readonly name: string;
  readonly model: { readonly width: number; readonly depth: number; readonly classes: number };
  readonly size: number;
  readonly rows: number;
  readonly labels: readonly number[];
  readonly partnerLabels: readonly number[];
  readonly lambda: number;
  readonly labelSmoothing: number;
  readonly lossScale: number;
  readonly loss: number;
  readonly autocast: GradientErrors & { readonly loss: number };
  readonly tensors: readonly AmpTensor[];
  /** Tensors whose gradient is zero by theory: what stands in them is rounding. */
  readonly zero: readonly string[];
}

/** A gradient's sketch; the gradient itself where `sums` is as long. */
interface AmpTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly summary: TensorSummary;
  readonly sums: Float32Array;
}

/** The norm of the difference from float64, divided by the norm of float64's gradients. */
export interface GradientErrors {
  /** Of all tensors together. */
  readonly all: number;
  readonly median: number;
  readonly worst: number;
  /** The norm of what is zero by theory, divided by that of all. */
  readonly zero: number;
}

/** The tiny net and B0. */
export const ampGoldens: readonly AmpGolden[] = readGoldens();

export function ampBatch({ rows, size, labels, partnerLabels, lambda }: AmpGolden): Batch {
  return makeBatch({
    images: formulaImages('images', rows, size),
    shape: [rows, size, size, 3],
    labels: Int32Array.from(labels),
    mixing: blendedBy(lambda, Int32Array.from(partnerLabels)),
    dtype: 'float16',
  });
}

/**
 * Errors of gradients without loss scale, named and shaped as PyTorch's. The sketches of B0 tell `all` and `median` within
 * 1 %, and `worst` within a quarter, as a single tensor's sketch is short.
 */
export function gradientErrors({ tensors, zero }: AmpGolden, gradients: TensorMap): GradientErrors {
  const norms = tensors.map(({ summary: [norm] }) => norm);
  const distances = tensors.map((tensor) => distanceOf(tensor, gradientOf(gradients, tensor.name)));
  const relative = Float64Array.from(distances, (distance, i) => distance / (norms[i] as number)).sort();
  const total = normOf(norms);
  return {
    all: normOf(distances) / total,
    median: relative[Math.floor(relative.length / 2)] as number,
    worst: relative.at(-1) as number,
    zero: normOf(zero.map((name) => normOf(gradientOf(gradients, name).data))) / total,
  };
}

function gradientOf(gradients: TensorMap, name: string): NamedTensor {
  const gradient = gradients[name];
  if (!gradient) throw new Error(`no gradient of ${name}`);
  return gradient;
}

/** The sketch of a difference is the difference of the sketches. */
function distanceOf({ name, shape, sums }: AmpTensor, gradient: NamedTensor): number {
  if (`${gradient.shape}` !== `${shape}`)
    throw new Error(`gradient of ${name}: shape ${gradient.shape}, not ${shape}`);
  const actual = sketch(name, gradient, sums.length);
  return normOf(actual.map((sum, i) => sum - (sums[i] as number)));
}

/** Sum s is of the elements s, s + size, s + 2 size, ..., with signs by formula. */
function sketch(name: string, { data }: NamedTensor, size: number): Float64Array {
  if (size === data.length) return Float64Array.from(data);
  const signs = formulaTensor(`signs of ${name}`, [data.length, 1]).data;
  const sums = new Float64Array(size);
  data.forEach((value, i) => {
    const sum = i % size;
    sums[sum] = (sums[sum] as number) + ((signs[i] as number) < 0 ? -value : value);
  });
  return sums;
}

function normOf(values: Iterable<number>): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}

type StoredTensor = Omit<AmpTensor, 'sums'> & { readonly size: number };
type StoredGolden = Omit<AmpGolden, 'tensors'> & { readonly tensors: readonly StoredTensor[] };

function readGoldens(): AmpGolden[] {
  const { cases }: { cases: StoredGolden[] } = JSON.parse(readFileSync('test/golden/amp.json', 'utf8'));
  const { buffer, byteOffset } = gunzipSync(readFileSync('test/golden/amp.bin.gz'));
  let at = byteOffset;
  const take = (size: number): Float32Array => {
    at += 4 * size;
    return new Float32Array(buffer.slice(at - 4 * size, at));
  };
  return cases.map((golden) => ({
    ...golden,
    tensors: golden.tensors.map(({ size, ...tensor }) => ({ ...tensor, sums: take(size) })),
  }));
}
