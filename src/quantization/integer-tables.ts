import {
  LARGEST,
  LEAST,
  LOOKUP_SIZE,
  PAIR_SIZE,
  placeOfInteger,
  placeOfPair,
  requantized,
} from '../../backends/tensor-kernels/integers.ts';
import { fusedMultiplyAdd } from '../core/fused-multiply-add.ts';
import { portableExp } from '../core/portable-math.ts';
import { roundHalfToEven } from '../core/rounding.ts';
import { LEVELS } from './integer-layer.ts';

/** The zero point of activations in a file: they are uint8 there. */
export const ZERO_POINT = 128;
/** SiLU's sigmoid in int8, where that is asked for. */
export const SIGMOID_SCALE = Math.fround(1 / LEVELS);

/** Sigmoid from integers to integers: DequantizeLinear, Sigmoid, QuantizeLinear in float32. */
export const sigmoidTable = (scale: number, outputScale: number): Float32Array =>
  tableOf((x) => quantized(sigmoid(Math.fround(x * scale)), outputScale));

/** SiLU: DequantizeLinear, Sigmoid, Mul, QuantizeLinear in float32. */
export const siluTable = (scale: number, outputScale: number): Float32Array =>
  tableOf((x) => {
    const value = Math.fround(x * scale);
    return quantized(Math.fround(value * sigmoid(value)), outputScale);
  });

/** SiLU whose sigmoid is rounded to int8, and multiplied by in integers. */
export function siluTableOfIntegers(scale: number, outputScale: number): Float32Array {
  const multiplier = productMultiplier(scale, SIGMOID_SCALE, outputScale);
  const sigmoids = sigmoidTable(scale, SIGMOID_SCALE);
  return tableOf((x) => requantized(x * (sigmoids[placeOfInteger(x)] as number), 0, multiplier, ZERO_POINT));
}

/**
 * Sums of two integers, as onnxruntime computes them on x64: with fused multiply-add, the zero points beside the sum. The
 * first is the block's input, the second its branch: they are not rounded alike.
 */
export function sumTable(scale: number, branchScale: number, outputScale: number): Float32Array {
  const ratio = Math.fround(scale / outputScale);
  const branchRatio = Math.fround(branchScale / outputScale);
  const zeros = Math.fround(ratio * ZERO_POINT) + Math.fround(branchRatio * ZERO_POINT);
  const fixed = Math.fround(ZERO_POINT - Math.fround(zeros));
  const table = new Float32Array(PAIR_SIZE);
  for (let branch = LEAST; branch <= LARGEST; branch++) {
    const ofBranch = fusedMultiplyAdd(branch + ZERO_POINT, branchRatio, fixed);
    for (let x = LEAST; x <= LARGEST; x++) {
      const sum = fusedMultiplyAdd(x + ZERO_POINT, ratio, ofBranch);
      table[placeOfPair(x, branch)] = held(roundHalfToEven(sum) - ZERO_POINT);
    }
  }
  return table;
}

/** What a product of two integers is multiplied by. */
export const productMultiplier = (scale: number, otherScale: number, outputScale: number): number =>
  Math.fround(Math.fround(scale * otherScale) / outputScale);

/** What a sum over pixels is multiplied by. */
export const meanMultiplier = (scale: number, outputScale: number, pixels: number): number =>
  Math.fround(scale / Math.fround(outputScale * pixels));

function tableOf(formula: (x: number) => number): Float32Array {
  const table = new Float32Array(LOOKUP_SIZE);
  for (let x = LEAST; x <= LARGEST; x++) table[placeOfInteger(x)] = formula(x);
  return table;
}

const sigmoid = (x: number): number => Math.fround(1 / (1 + portableExp(-x)));
const quantized = (x: number, scale: number): number => held(roundHalfToEven(Math.fround(x / scale)));
const held = (integer: number): number => Math.max(LEAST, Math.min(LARGEST, integer));
