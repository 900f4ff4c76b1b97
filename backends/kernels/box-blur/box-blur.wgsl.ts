import { defineShader } from '../shader.ts';
import { boxBlur } from './box-blur.ts';

/** One round: the device has a dispatch for each. */
export const boxBlurShader = defineShader(
  boxBlur,
  /* wgsl */ `
fn boxBlur(call: BoxBlur, image: Image, x: u32, y: u32) -> u32 {
  let isVertical = call.isVertical == 1u;
  let last = i32(select(image.width, image.height, isVertical)) - 1;
  let start = image.at + select(y * image.width, x, isVertical);
  let stride = select(1u, image.width, isVertical);
  let here = i32(select(x, y, isVertical));
  let radius = i32(call.radius);
  var sum = vec3u(0u);
  for (var i = here - radius; i <= here + radius; i++) { sum += valuesAt(start, clamp(i, 0, last), stride); }
  let before = valuesAt(start, clamp(here - radius - 1, 0, last), stride);
  let after = valuesAt(start, clamp(here + radius + 1, 0, last), stride);
  return packed((sum * call.weight + (before + after) * call.edgeWeight + (1u << 23u)) >> vec3u(24u));
}

fn valuesAt(start: u32, i: i32, stride: u32) -> vec3u { return channelsOf(pixels[start + u32(i) * stride]); }
`,
);
