import type { RawImage } from '../../../src/core/image.ts';
import { blend } from '../blend.ts';
import { defineKernel, f32, u32 } from '../kernel.ts';
import { luma } from '../luma.ts';
import { lut, sameTables } from '../lut/lut.ts';

/** What is measured on the image to make its tables. */
export const Statistic = { equalize: 0, autoContrast: 1, contrast: 2 } as const;

/**
 * Makes three tables from the image itself and sends it through them. `statistic`: one of `Statistic`.
 * equalize: every level about as frequent as the others. autoContrast: darkest to 0, lightest to 255, a channel.
 * contrast: blend with the mean luma by `factor` (0 grey, 1 neutral), which the other two ignore.
 * Equals Pillow ImageOps.equalize, ImageOps.autocontrast and ImageEnhance.Contrast.
 */
export const statisticsLut = defineKernel({
  name: 'statistics-lut',
  layout: { statistic: u32, factor: f32 },
  measuresInput: true,
  isByTables: true,
  reference({ statistic, factor }, input, output) {
    lut.reference({ tables: makeTables(statistic, factor, input) }, input, output);
  },
});

function makeTables(statistic: number, factor: number, image: RawImage): Uint8Array {
  if (statistic === Statistic.contrast) {
    const mean = meanLuma(image);
    return sameTables((v) => blend(mean, v, factor));
  }
  const makeTable = statistic === Statistic.equalize ? equalizeTable : autoContrastTable;
  const tables = new Uint8Array(768);
  for (let channel = 0; channel < 3; channel++) {
    tables.set(makeTable(histogram(image, channel)), channel * 256);
  }
  return tables;
}

/** Rounded half up. */
function meanLuma({ data, width, height }: RawImage): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) {
    sum += luma(data[i] as number, data[i + 1] as number, data[i + 2] as number);
  }
  return Math.floor(sum / (width * height) + 0.5);
}

function histogram({ data }: RawImage, channel: number): number[] {
  const counts = new Array<number>(256).fill(0);
  for (let i = channel; i < data.length; i += 3) {
    const v = data[i] as number;
    counts[v] = (counts[v] as number) + 1;
  }
  return counts;
}

const identity = Uint8Array.from({ length: 256 }, (_, v) => v);

function equalizeTable(counts: readonly number[]): Uint8Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const last = counts.findLast((count) => count > 0) ?? 0;
  const step = Math.floor((total - last) / 255);
  if (step === 0) return identity;
  let sum = Math.floor(step / 2);
  return Uint8Array.from(counts, (count) => {
    const value = Math.min(255, Math.floor(sum / step));
    sum += count;
    return value;
  });
}

function autoContrastTable(counts: readonly number[]): Uint8Array {
  const low = counts.findIndex((count) => count > 0);
  const high = counts.findLastIndex((count) => count > 0);
  if (high <= low) return identity;
  return Uint8Array.from(identity, (v) => stretched(v, low, high));
}

/** In float64 with the multiplication first made a scale, as Pillow does: at 5,958 of 32,640 ranges white is 254. */
export function stretched(v: number, low: number, high: number): number {
  const scale = 255 / (high - low);
  const offset = -low * scale;
  return Math.max(0, Math.min(255, Math.trunc(v * scale + offset)));
}
