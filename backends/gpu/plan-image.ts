import type { Size } from '../../src/core/image.ts';
import { type KernelCall, outputSize } from '../kernels/kernel.ts';
import { cropCall } from '../kernels/resample/calls.ts';
import type { Prepared, ResidentTables, Shader } from '../kernels/shader.ts';
import { eachRound } from './schedule.ts';
import { shaderNamed } from './wgsl/modules.ts';

/** An image, and what is to be done with it. */
export interface SourceImage {
  readonly size: Size;
  /** Pixels from the beginning of one row to that of the next; left out: rows are packed. */
  readonly stride?: number;
  readonly calls: readonly KernelCall[];
}

/** Bytes from its first pixel to its last. */
export const sourceBytes = ({
  size: { width, height },
  stride = width,
}: Omit<SourceImage, 'calls'>): number => ((height - 1) * stride + width) * 3;

/** One call of an image, or one round of a call. */
export interface DeviceStep {
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
  readonly source: Required<Omit<SourceImage, 'calls'>>;
  readonly steps: readonly DeviceStep[];
  /** Words of each of its areas in `pixels`. */
  readonly areas: readonly number[];
  readonly result: { readonly area: number; readonly size: Size };
}

/** Of a table that is measured on an image: one area of each image. */
export const TABLE_AREA = 3;
const TABLE_WORDS = 256;

/** Decides areas: images wander between areas 0 and 1, two passes in mid-program need area 2 as well. */
export function planImage(
  { size, stride = size.width, calls }: SourceImage,
  tables: ResidentTables,
): PlannedImage {
  const all = eachRound(beginWithUpload(calls, size));
  const areas = [0, 0, 0, all.some(({ kernel }) => kernel.measuresInput) ? TABLE_WORDS : 0];
  const claim = (area: number, { width, height }: Size) => {
    areas[area] = Math.max(areas[area] as number, width * height);
  };
  const steps: DeviceStep[] = [];
  let input = size;
  let from: number | undefined;
  for (const call of all) {
    const shader = shaderNamed(call.kernel.name);
    const args = shader.prepare(call.args, tables, input);
    const betweenSize = shader.betweenSize?.(args) ?? NOTHING;
    const result = outputSize(call, input);
    const to: number = from === 0 ? 1 : 0;
    const between = from === undefined ? 1 : 2;
    claim(to, result);
    claim(between, betweenSize);
    steps.push({ shader, args, input, betweenSize, result, from, between, to });
    from = to;
    input = result;
  }
  return { source: { size, stride }, steps, areas, result: { area: from as number, size: input } };
}

const NOTHING: Size = { width: 0, height: 0 };

/** An upload is read by two passes, if need be by a crop that changes nothing. */
function beginWithUpload(calls: readonly KernelCall[], size: Size): readonly KernelCall[] {
  if (calls[0]?.kernel.passes === 2) return calls;
  return [cropCall(size, { left: 0, top: 0, ...size }), ...calls];
}
