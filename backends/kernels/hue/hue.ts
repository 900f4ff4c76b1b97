import { ParameterError } from '../../../src/core/errors.ts';
import { defineKernel, u32 } from '../kernel.ts';
import type { Rgb } from '../pixel.ts';
import { isHueBelow } from './hues-below.ts';

/**
 * Turns every pixel's hue by `shift`, 0..255, of which 256 are a full turn: to HSV in bytes, hue + shift modulo 256, and back, all as
 * Pillow's convert('HSV') and convert('RGB'). The bytes of HSV hold fewer colours, so that a shift of 0 changes some too.
 */
export const hue = defineKernel({
  name: 'hue',
  layout: { shift: u32 },
  check({ shift }) {
    if (Number.isInteger(shift) && shift >= 0 && shift <= 255) return;
    throw new ParameterError('INVALID_SHIFT', `hue: shift must be an integer 0..255, got ${shift}`);
  },
  reference({ shift }, { data }, output) {
    for (let i = 0; i < data.length; i += 3) {
      const [h, s, v] = toHsv(data.subarray(i, i + 3) as unknown as Rgb);
      output.set(toRgb((h + shift) & 255, s, v), i);
    }
  },
});

type Hsv = readonly [h: number, s: number, v: number];

function toHsv([r, g, b]: Rgb): Hsv {
  const v = Math.max(r, g, b);
  const range = v - Math.min(r, g, b);
  if (range === 0) return [0, 0, v];
  const s = Math.floor((255 * range) / v);
  const position = sixthsOf([r, g, b], v, range);
  const h = Math.floor((85 * position) / (2 * range));
  const isExact = h * 2 * range === 85 * position;
  return [isExact && isHueBelow(h) ? h - 1 : h, s, v];
}

/** The hue in units of a sixth of a turn / range: 0 is red, 2 x range green, 4 x range blue. */
function sixthsOf([r, g, b]: Rgb, v: number, range: number): number {
  if (r === v) return g >= b ? g - b : 6 * range + g - b;
  return g === v ? 2 * range + b - r : 4 * range + r - g;
}

/** In 1 / 85 of a sixth of a turn: 2 h = 85 x sixth + rest. Quotients are rounded half up. */
function toRgb(h: number, s: number, v: number): Rgb {
  const sixth = Math.floor((2 * h) / 85);
  const rest = 2 * h - 85 * sixth;
  const low = Math.floor((2 * v * (255 - s) + 255) / 510);
  // rises in even sixths, falls in odd ones
  const distance = sixth % 2 === 0 ? 85 - rest : rest;
  const middle = Math.floor((2 * v * (21_675 - s * distance) + 21_675) / 43_350);
  const all: readonly Rgb[] = [
    [v, middle, low],
    [middle, v, low],
    [low, v, middle],
    [low, middle, v],
    [middle, low, v],
    [v, low, middle],
  ];
  return all[sixth % 6] as Rgb;
}
