/**
 * How a tensor's numbers are kept. `store` is float16 in mixed precision, else float32; `f16` is float16 in any precision
 * (images that come so); `f32` and `u32` are always that.
 */
export type Element = 'store' | 'f16' | 'f32' | 'u32';

/** The purpose of a tensor, by which memory is added up. */
export type Purpose =
  | 'weights'
  | 'weight gradients'
  | 'optimizer'
  | 'average'
  | 'copies of weights'
  | 'ranges'
  | 'inputs'
  | 'activations'
  | 'gradients'
  | 'vectors'
  | 'parts of sums'
  | 'state';

/** A stretch of numbers that a program works on: rows of channels, one after the other. */
export interface Tensor {
  readonly name: string;
  readonly purpose: Purpose;
  readonly element: Element;
  /** Number of its values. A plan may enlarge it until it is finished. */
  size: number;
}

/** A part of a tensor: its values from `offset` on. */
export interface View {
  readonly tensor: Tensor;
  readonly offset: number;
  readonly size: number;
}

export const viewOf = (tensor: Tensor, offset = 0, size = tensor.size - offset): View => ({
  tensor,
  offset,
  size,
});

/** Bytes of a value. */
export function elementBytes(element: Element, isMixed: boolean): number {
  if (element === 'f16') return 2;
  return element === 'store' && isMixed ? 2 : 4;
}
