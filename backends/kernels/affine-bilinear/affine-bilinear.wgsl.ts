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
  let weights = bilinearWeights(sourceX.y >> 8u, sourceY.y >> 8u);
  let sum = weights.x * channelsOf(pixelAt(image, columns.x, rows.x)) +
    weights.y * channelsOf(pixelAt(image, columns.y, rows.x)) +
    weights.z * channelsOf(pixelAt(image, columns.x, rows.y)) +
    weights.w * channelsOf(pixelAt(image, columns.y, rows.y));
  return packed(sum >> vec3u(24u));
}

// The pixels at 0 and 1 from a whole coordinate, the outermost ones repeated.
fn twoTaps(whole: u32, length: u32) -> vec2u {
  let taps = vec2i(bitcast<i32>(whole)) + vec2i(0, 1);
  return vec2u(clamp(taps, vec2i(0), vec2i(i32(length) - 1)));
}

// Upper left, upper right, lower left, lower right; together 2^24.
fn bilinearWeights(x: u32, y: u32) -> vec4u {
  // x y >> 24, a byte of y at a time
  let low = (x * (y & 0xffu)) >> 8u;
  let middle = (low + x * ((y >> 8u) & 0xffu)) >> 8u;
  let both = (middle + x * (y >> 16u)) >> 8u;
  return vec4u(0x1000000u - x - y + both, x - both, y - both, both);
}
`,
);
