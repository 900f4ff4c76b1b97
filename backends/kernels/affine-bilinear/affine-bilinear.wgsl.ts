import { defineShader } from '../shader.ts';
import { affineBilinear } from './affine-bilinear.ts';

export const affineBilinearShader = defineShader(
  affineBilinear,
  /* wgsl */ `
fn affineBilinear(call: AffineBilinear, image: Image, x: u32, y: u32) -> u32 {
  let run = program[call.runs + y];
  if (x < (run & 0xffffu) || x >= run >> 16u) { return call.fill; }
  let sourceX = sourceCoordinate(call.coordinates, x, y);
  let sourceY = sourceCoordinate(call.coordinates + 6u, x, y);
  let columns = twoTaps(sourceX.x, image.width);
  let rows = twoTaps(sourceY.x, image.height);
  let taps = array<vec3u, 4>(
    channelsOf(pixelAt(image, columns.x, rows.x)),
    channelsOf(pixelAt(image, columns.y, rows.x)),
    channelsOf(pixelAt(image, columns.x, rows.y)),
    channelsOf(pixelAt(image, columns.y, rows.y)),
  );
  let weights = bilinearWeights(sourceX.y >> 3u, sourceY.y >> 3u);
  // in two parts, whose sums both fit 32 bits
  let high = weightedSum(taps, weights >> vec4u(15u));
  let low = weightedSum(taps, weights & vec4u(0x7fffu));
  return packed((high + (low >> vec3u(15u))) >> vec3u(14u));
}

// The pixels at 0 and 1 from a whole coordinate, the outermost ones repeated.
fn twoTaps(whole: u32, length: u32) -> vec2u {
  let taps = vec2i(bitcast<i32>(whole)) + vec2i(0, 1);
  return vec2u(clamp(taps, vec2i(0), vec2i(i32(length) - 1)));
}

// Of upper left, upper right, lower left, lower right.
fn weightedSum(taps: array<vec3u, 4>, weights: vec4u) -> vec3u {
  return weights.x * taps[0] + weights.y * taps[1] + weights.z * taps[2] + weights.w * taps[3];
}

// Together 2^29.
fn bilinearWeights(x: u32, y: u32) -> vec4u {
  // x y >> 29
  let both = wideProduct(x << 3u, y).y;
  return vec4u(0x20000000u - x - y + both, x - both, y - both, both);
}
`,
);
