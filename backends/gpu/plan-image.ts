import type { Size } from '../../src/core/image.ts';
import { type KernelCall, outputSize } from '../kernels/kernel.ts';
import { cropCall } from '../kernels/resample/calls.ts';
import type { Prepared, ResidentTables, Shader } from '../kernels/shader.ts';
import { BINS } from '../kernels/statistics-lut/statistics-lut.wgsl.ts';
import type { Schedule } from './schedule.ts';
import { shaderNamed } from './wgsl/modules.ts';

/** An image to be processed, alone or to be blended with another of its batch. */
export interface BatchImage {
  /** u8 RGB. */
  readonly pixels: Uint8Array;
  readonly size: Size;
  /** Pixels from the beginning of one row to that of the next; left out: rows are packed. */
  readonly stride?: number;
  readonly calls: readonly KernelCall[];
  /** Index of the image blended in, with weight 1 - lambda. */
  readonly mix?: { readonly partner: number; readonly lambda: number };
}

/** One call of an image, in its slot. */
export interface DeviceStep {
  readonly slot: number;
  readonly shader: Shader;
  readonly args: Readonly<Record<string, Prepared>>;
  readonly input: Size;
  /** Of the image between two passes; 0 x 0 where there is one pass. */
  readonly betweenSize: Size;
  readonly result: Size;
  /** Which of an image's areas holds the input (undefined: the upload), what lies between two passes, and the result. */
  readonly from: number | undefined;
  readonly between: number;
  readonly to: number;
}

/** What an image undergoes, and the room it takes on the device. */
export interface PlannedImage {
  readonly image: BatchImage;
  readonly steps: readonly DeviceStep[];
  /** Words of each of its areas in `pixels`. */
  readonly areas: readonly number[];
  readonly result: { readonly area: number; readonly size: Size };
  readonly uploadBytes: number;
  readonly pixelWords: number;
  /** Of the bins that it is measured into. */
  readonly binBytes: number;
}

/** Of a table that is measured on an image: one area of each image. */
export const TABLE_AREA = 3;
const TABLE_WORDS = 256;

/** Decides slots and areas: images wander between areas 0 and 1, two passes in mid-program need area 2 as well. */
export function planImage(image: BatchImage, schedule: Schedule, tables: ResidentTables): PlannedImage {
  const calls = beginWithUpload(image.calls, image.size);
  const measuring = calls.filter(({ kernel }) => kernel.measuresInput).length;
  const shaders = calls.map(({ kernel }) => shaderNamed(kernel.name));
  const slots = schedule.place(calls);
  const areas = [0, 0, 0, measuring > 0 ? TABLE_WORDS : 0];
  const claim = (area: number, { width, height }: Size) => {
    areas[area] = Math.max(areas[area] as number, width * height);
  };
  const steps: DeviceStep[] = [];
  let input = image.size;
  let from: number | undefined;
  for (const [i, call] of calls.entries()) {
    const shader = shaders[i] as Shader;
    const args = shader.prepare(call.args, tables, input);
    const betweenSize = shader.betweenSize?.(args) ?? NOTHING;
    const result = outputSize(call, input);
    const to: number = from === 0 ? 1 : 0;
    const between = from === undefined ? 1 : 2;
    claim(to, result);
    claim(between, betweenSize);
    steps.push({ slot: slots[i] as number, shader, args, input, betweenSize, result, from, between, to });
    from = to;
    input = result;
  }
  const uploadBytes = Math.ceil(image.pixels.length / 4) * 4;
  const pixelWords = areas.reduce((sum, words) => sum + words, 0);
  const binBytes = measuring * BINS * 4;
  const ends = { area: from as number, size: input };
  return { image, steps, areas, result: ends, uploadBytes, pixelWords, binBytes };
}

const NOTHING: Size = { width: 0, height: 0 };

/** An upload is read by two passes, if need be by a crop that changes nothing. */
function beginWithUpload(calls: readonly KernelCall[], size: Size): readonly KernelCall[] {
  if (calls[0]?.kernel.passes === 2) return calls;
  return [cropCall(size, { left: 0, top: 0, ...size }), ...calls];
}
