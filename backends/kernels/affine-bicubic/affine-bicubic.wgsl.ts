import { defineShader } from '../shader.ts';
import { affineBicubic } from './affine-bicubic.ts';

export const affineBicubicShader = defineShader(
  affineBicubic,
  /* wgsl */ `
fn affineBicubic(call: AffineBicubic, image: Image, x: u32, y: u32) -> u32 {
  let run = program[call.runs + y];
  if (x < (run & 0xffffu) || x >= run >> 16u) { return call.fill; }
  let sourceX = sourceCoordinate(call.coordinates, x, y);
  let sourceY = sourceCoordinate(call.coordinates + 6u, x, y);
  let columns = fourTaps(sourceX.x, image.width);
  let rows = fourTaps(sourceY.x, image.height);
  let horizontal = cubicWeights(sourceX.y >> 16u);
  let sum0 = rowSum(image, columns, rows.x, horizontal);
  let sum1 = rowSum(image, columns, rows.y, horizontal);
  let sum2 = rowSum(image, columns, rows.z, horizontal);
  let sum3 = rowSum(image, columns, rows.w, horizontal);
  return packed(sumOfRows(sum0, sum1, sum2, sum3, cubicWeights(sourceY.y >> 16u)));
}

// The pixels at -1, 0, 1 and 2 from a whole coordinate, the outermost ones repeated.
fn fourTaps(whole: u32, length: u32) -> vec4u {
  let taps = vec4i(bitcast<i32>(whole)) + vec4i(-1, 0, 1, 2);
  return vec4u(clamp(taps, vec4i(0), vec4i(i32(length) - 1)));
}

fn cubicWeights(d: u32) -> vec4i {
  let d1 = i32(d);
  let d2 = i32((d * d + 32768u) >> 16u);
  let d3 = i32((u32(d2) * d + 32768u) >> 16u);
  return vec4i(2 * d2 - d1 - d3, 65536 - 2 * d2 + d3, d1 + d2 - d3, d3 - d2);
}

// With 12 fraction bits.
fn rowSum(image: Image, columns: vec4u, row: u32, weights: vec4i) -> vec3i {
  let sum = weights.x * tap(image, columns.x, row) + weights.y * tap(image, columns.y, row) +
    weights.z * tap(image, columns.z, row) + weights.w * tap(image, columns.w, row);
  return (sum + vec3i(8)) >> vec3u(4u);
}

fn tap(image: Image, x: u32, y: u32) -> vec3i { return vec3i(channelsOf(pixelAt(image, x, y))); }

// Whole parts and fractions apart, whose weighted sums both fit 32 bits.
fn sumOfRows(sum0: vec3i, sum1: vec3i, sum2: vec3i, sum3: vec3i, weights: vec4i) -> vec3u {
  let bits = vec3u(12u);
  let mask = vec3i(0xfff);
  let whole = weights.x * (sum0 >> bits) + weights.y * (sum1 >> bits) +
    weights.z * (sum2 >> bits) + weights.w * (sum3 >> bits);
  let fraction = weights.x * (sum0 & mask) + weights.y * (sum1 & mask) +
    weights.z * (sum2 & mask) + weights.w * (sum3 & mask);
  let sum = (whole + (fraction >> bits)) >> vec3u(16u);
  return vec3u(clamp(sum, vec3i(0), vec3i(255)));
}
`,
);
