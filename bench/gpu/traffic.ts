import type { TimedWork } from '../../backends/gpu/dispatch-timer.ts';
import { KnownTables } from '../../backends/gpu/known-tables.ts';
import { type DeviceStep, type PlannedImage, planImage, sourceBytes } from '../../backends/gpu/plan-image.ts';
import type { BatchImage } from '../../backends/gpu/prepared-image.ts';
import { bytesPerElement, type Size, type TensorFormat } from '../../src/core/image.ts';

/** Bytes that each kind of work reads and writes. */
export type Traffic = ReadonlyMap<TimedWork, number>;

const UPLOADED_PIXEL = 3;
/** Images in the making hold a u32 a pixel. */
const PIXEL = 4;

/**
 * What the dispatches of a batch must move at least, in the layout that they use: of every image that they read or write,
 * each byte once. Programs and tables, which caches hold, are not counted.
 */
export function trafficOf(images: readonly BatchImage[], format: TensorFormat): Traffic {
  const traffic = new Map<TimedWork, number>();
  const add = (work: TimedWork, bytes: number) => traffic.set(work, (traffic.get(work) ?? 0) + bytes);
  const tables = new KnownTables();
  for (const image of images) {
    const planned = planImage(image, tables);
    for (const step of planned.steps) addStep(step, add);
    add('finish', finishBytes(planned, format));
    // read from the memory that both sides see, and written to the device's
    add('upload', 2 * sourceBytes(image));
  }
  return traffic;
}

const area = ({ width, height }: Size): number => width * height;

function addStep(
  { shader: { kernel }, input, betweenSize, result, from }: DeviceStep,
  add: (work: TimedWork, bytes: number) => void,
): void {
  const read = area(input) * (from === undefined ? UPLOADED_PIXEL : PIXEL);
  const written = area(result) * PIXEL;
  if (kernel.passes === 2) {
    const between = area(betweenSize) * PIXEL;
    add('resampleFirst', read + between);
    add('resampleSecond', between + written);
    return;
  }
  if (kernel.measuresInput) add('measureImages', read);
  add('apply', read + written);
}

/** A partner's pixels are read for its own row anyhow. */
const finishBytes = ({ result: { size } }: PlannedImage, { dtype }: TensorFormat): number =>
  area(size) * (PIXEL + 3 * bytesPerElement(dtype));

/** Milliseconds that moving so many bytes takes at the least. */
export const floorMs = (bytes: number, bytesPerSecond: number): number => (1000 * bytes) / bytesPerSecond;

/** The floor as a share of the time, 0..1 where the bandwidth is the limit; above 1 where caches do better than memory. */
export const shareOfFloor = (bytes: number, milliseconds: number, bytesPerSecond: number): number =>
  floorMs(bytes, bytesPerSecond) / milliseconds;
