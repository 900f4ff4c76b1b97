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

/** The colours of all 256 samples. libvips spreads those of fewer bits over 0..255. */
function tableOf({ colours, sampleType, colourMap }: TiffLayout): Uint8Array {
  const table = new Uint8Array(3 * 256);
  const entries = Math.floor(colourMap.length / 3);
  const spread = 255 / (2 ** Number(sampleType.slice('uint'.length)) - 1);
  for (let sample = 0; sample < 256; sample++) {
    if (colours !== 'palette')
      table.fill(
        colours === 'inverted gray' && sampleType !== 'float32' ? 255 - sample : sample,
        3 * sample,
        3 * sample + 3,
      );
    const index = sample / spread;
    if (colours === 'palette' && Number.isInteger(index) && index < entries)
      for (let i = 0; i < 3; i++) table[3 * sample + i] = (colourMap[i * entries + index] as number) >> 8;
  }
  return table;
}
