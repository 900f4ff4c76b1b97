import { convertCmyk } from '../cmyk.ts';
import type { TiffLayout } from './layout.ts';
import { convertYCbCr, libtiffTables, pillowTables } from './y-cb-cr.ts';

/** Packed RGB of 8-bit samples, `step` per pixel. */
export function toRgb(samples: Uint8Array, step: number, layout: TiffLayout, target: Buffer): void {
  const { colours, conversion, isPremultiplied } = layout;
  if (conversion === 'like Pillow') convertYCbCr(samples, step, pillowTables, target);
  else if (conversion === 'like libtiff') convertYCbCr(samples, step, libtiffTables, target);
  else if (colours === 'CMYK') convertCmyk(samples, step, target);
  else if (isPremultiplied) divideByAlpha(samples, step, target);
  else if (colours === 'rgb' || colours === 'YCbCr') copyRgb(samples, step, target);
  else lookUp(samples, step, tableOf(layout), target);
}

function copyRgb(samples: Uint8Array, step: number, target: Buffer): void {
  if (step === 3) {
    target.set(samples);
    return;
  }
  for (let from = 0, to = 0; to < target.length; from += step, to += 3) {
    target[to] = samples[from] as number;
    target[to + 1] = samples[from + 1] as number;
    target[to + 2] = samples[from + 2] as number;
  }
}

/** Pillow's division: rounded down, at most 255, black without alpha. */
function divideByAlpha(samples: Uint8Array, step: number, target: Buffer): void {
  for (let from = 0, to = 0; to < target.length; from += step, to += 3) {
    const alpha = samples[from + 3] as number;
    for (let i = 0; i < 3; i++) {
      const value = samples[from + i] as number;
      target[to + i] = alpha === 0 ? 0 : Math.min(255, Math.floor((value * 255) / alpha));
    }
  }
}

function lookUp(samples: Uint8Array, step: number, table: Uint8Array, target: Buffer): void {
  for (let from = 0, to = 0; to < target.length; from += step, to += 3) {
    const at = (samples[from] as number) * 3;
    target[to] = table[at] as number;
    target[to + 1] = table[at + 1] as number;
    target[to + 2] = table[at + 2] as number;
  }
}

/** The colours of all 256 samples. */
function tableOf(layout: TiffLayout): Uint8Array {
  if (layout.colours === 'palette') return paletteOf(layout);
  const isInverted = layout.colours === 'inverted gray' && layout.sampleType !== 'float32';
  return Uint8Array.from({ length: 3 * 256 }, (_, i) => {
    const sample = Math.floor(i / 3);
    return isInverted ? 255 - sample : sample;
  });
}

/** libvips spreads samples of fewer than 8 bits over 0..255. Colours that are missing are black. */
function paletteOf({ sampleType, colourMap }: TiffLayout): Uint8Array {
  const palette = new Uint8Array(3 * 256);
  const indices = 2 ** Number(sampleType.slice('uint'.length));
  const spread = 255 / (indices - 1);
  const colours = Math.floor(colourMap.length / 3);
  for (let index = 0; index < Math.min(indices, colours); index++) {
    for (let i = 0; i < 3; i++)
      palette[3 * index * spread + i] = (colourMap[i * colours + index] as number) >> 8;
  }
  return palette;
}
