import { fillPixels } from '../pixel.as';

/** Every pixel is stored as four bytes, the last of which the next pixel overwrites. */
export function gather(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  columns: usize,
  rows: usize,
  outputWidth: i32,
  outputHeight: i32,
  fill: u32,
): void {
  let at = target;
  for (let y = 0; y < outputHeight; y++) {
    const sourceY = load<i32>(rows + (y << 2));
    if (<u32>sourceY >= <u32>height) {
      fillPixels(at, outputWidth, fill);
      at += outputWidth * 3;
      continue;
    }
    const row = source + sourceY * width * 3;
    for (let x = 0; x < outputWidth; x++) {
      const sourceX = load<i32>(columns + (x << 2));
      store<u32>(at, <u32>sourceX < <u32>width ? load<u32>(row + sourceX * 3) : fill);
      at += 3;
    }
  }
}
