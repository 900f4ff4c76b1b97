import { ParameterError } from '../../../src/core/errors.ts';
import { toHalf } from '../../../src/core/half.ts';
import type { TensorFormat } from '../../../src/core/image.ts';

/** float16 as bits, or float32. */
export type TensorData = Uint16Array | Float32Array;

/** 768 elements, R then G then B: what each byte becomes, rounded once from float64. */
export function normalizeTable(format: TensorFormat): TensorData {
  const values = normalizedValues(format);
  // a Float32Array rounds to nearest even by itself
  return format.dtype === 'float16' ? Uint16Array.from(values, toHalf) : Float32Array.from(values);
}

/**
 * MixUp in integers, so that no backend's floating point has a say: entry v of `own` is lambda times v's normalised
 * value in units of 2^-(24 + shift), of `other` 1 - lambda times it. Both are rounded to the nearest integer and
 * their sum fits an i32; it is rounded once more to the element's type.
 */
export interface MixTables {
  /** 768 entries each, R then G then B. */
  readonly own: Int32Array;
  readonly other: Int32Array;
  /** -9..4: 4 where all normalised values are below 8 in magnitude, as they are for ImageNet's mean and std. */
  readonly shift: number;
}

const LARGEST_SHIFT = 4;
/** Below it, values would not fit a half either. */
const SMALLEST_SHIFT = -9;

export function mixTables(format: TensorFormat, lambda: number): MixTables {
  const values = normalizedValues(format);
  const shift = shiftOf(values);
  const unit = 2 ** (24 + shift);
  return {
    own: Int32Array.from(values, (value) => Math.round(lambda * value * unit)),
    other: Int32Array.from(values, (value) => Math.round((1 - lambda) * value * unit)),
    shift,
  };
}

/** The shift of the tables of a format, which depends on no weight. */
export const blendShift = (format: TensorFormat): number => shiftOf(normalizedValues(format));

const shiftOf = (values: Float64Array): number =>
  shiftFor(values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0));

/** (v / 255 - mean) / std for each channel and byte, in float64. */
function normalizedValues({ mean, std }: TensorFormat): Float64Array {
  const values = new Float64Array(768);
  for (let i = 0; i < 768; i++) {
    const channel = i >> 8;
    values[i] = ((i & 255) / 255 - (mean[channel] as number)) / (std[channel] as number);
  }
  return values;
}

/** The finest unit in which two rounded terms of this magnitude cannot overflow an i32. */
function shiftFor(largest: number): number {
  for (let shift = LARGEST_SHIFT; shift >= SMALLEST_SHIFT; shift--) {
    if (largest * 2 ** (24 + shift) < 2 ** 31 - 2) return shift;
  }
  throw new ParameterError(
    'STD_TOO_SMALL',
    `mixup: normalised values must stay below 65536, got ${largest}; normalize with a larger std`,
  );
}
