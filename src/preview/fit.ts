import type { Executor } from '../../backends/backend.ts';
import { resizeCall } from '../../backends/kernels/resample/calls.ts';
import type { RawImage } from '../core/image.ts';

/** Cells are at least this wide where nobody says otherwise, and images of up to LARGEST keep their pixels. */
const SMALLEST = 160;
const LARGEST = 256;

/** The cell that shows images of this edge as they are, or enlarged by a whole factor where they are small. */
export const defaultCell = (edge: number): number =>
  Math.min(LARGEST, edge * Math.max(1, Math.ceil(SMALLEST / edge)));

/**
 * The whole image, never distorted: one larger than the cell is shrunk with antialiasing, one of half the cell or
 * less is enlarged by the largest whole factor that fits, each pixel a square of its colour.
 */
export function fitToCell(executor: Executor, image: RawImage, cell: number): RawImage | Promise<RawImage> {
  const longest = Math.max(image.width, image.height);
  if (longest <= cell) return enlarge(image, Math.floor(cell / longest));
  const scaled = (side: number) => Math.max(1, Math.round((side * cell) / longest));
  const size = { width: scaled(image.width), height: scaled(image.height) };
  executor.image(0, image).set(image.data);
  executor.run(0, [resizeCall(image, size, 'bicubic')]);
  return executor.read(0);
}

/** Every pixel becomes `factor` x `factor` of its kind. */
function enlarge(image: RawImage, factor: number): RawImage {
  const [width, height] = [image.width * factor, image.height * factor];
  const data = new Uint8Array(width * height * 3);
  const source = (x: number, y: number) => Math.floor(y / factor) * image.width + Math.floor(x / factor);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = source(x, y) * 3;
      data.set(image.data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return { width, height, data };
}
