import { defineShader } from '../shader.ts';
import { hue } from './hue.ts';
import { huesBelow } from './hues-below.ts';

const words = Array.from(huesBelow, (word) => `0x${word.toString(16)}u`).join(', ');

export const hueShader = defineShader(
  hue,
  /* wgsl */ `
const HUES_BELOW = array<u32, 8>(${words});

fn hue(call: Hue, image: Image, x: u32, y: u32) -> u32 {
  let hsv = toHsv(channelsOf(pixelAt(image, x, y)));
  return packed(toRgb((hsv.x + call.shift) & 255u, hsv.y, hsv.z));
}

fn toHsv(c: vec3u) -> vec3u {
  let v = max(c.x, max(c.y, c.z));
  let range = v - min(c.x, min(c.y, c.z));
  if (range == 0u) { return vec3u(0u, 0u, v); }
  let position = 85u * sixthsOf(c, v, range);
  var h = position / (2u * range);
  if (h * 2u * range == position) {
    h -= (HUES_BELOW[h >> 5u] >> (h & 31u)) & 1u;
  }
  return vec3u(h, 255u * range / v, v);
}

fn sixthsOf(c: vec3u, v: u32, range: u32) -> u32 {
  if (c.x == v) { return select(6u * range, 0u, c.y >= c.z) + c.y - c.z; }
  if (c.y == v) { return 2u * range + c.z - c.x; }
  return 4u * range + c.x - c.y;
}

fn toRgb(h: u32, s: u32, v: u32) -> vec3u {
  let sixth = 2u * h / 85u;
  let rest = 2u * h - 85u * sixth;
  let low = (2u * v * (255u - s) + 255u) / 510u;
  let distance = select(85u - rest, rest, sixth % 2u == 1u);
  let middle = (2u * v * (21675u - s * distance) + 21675u) / 43350u;
  switch (sixth) {
    case 1u: { return vec3u(middle, v, low); }
    case 2u: { return vec3u(low, v, middle); }
    case 3u: { return vec3u(low, middle, v); }
    case 4u: { return vec3u(middle, low, v); }
    case 5u: { return vec3u(v, low, middle); }
    default: { return vec3u(v, middle, low); }
  }
}
`,
);
