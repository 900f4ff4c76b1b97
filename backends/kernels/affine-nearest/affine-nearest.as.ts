import { fillPixels } from '../pixel.as';

/** Solves for every row which columns have their source inside, so that the loop over them needs no test. */
export function affineNearest(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  a0: i32,
  a1: i32,
  a2: i32,
  a3: i32,
  a4: i32,
  a5: i32,
  fill: u32,
): void {
  const bytesPerRow = width * 3;
  for (let y = 0; y < height; y++) {
    const rowX = a2 + a1 * y;
    const rowY = a5 + a4 * y;
    const first = min(width, max(firstInside(rowX, a0, width), firstInside(rowY, a3, height)));
    const last = max(first, min(width, min(lastInside(rowX, a0, width), lastInside(rowY, a3, height))));
    const row = target + y * bytesPerRow;
    // in this order: each writes one byte beyond its end
    fillPixels(row, first, fill);
    copyRun(source, row + first * 3, last - first, bytesPerRow, rowX + a0 * first, rowY + a3 * first, a0, a3);
    fillPixels(row + last * 3, width - last, fill);
  }
}

function copyRun(
  source: usize,
  target: usize,
  count: i32,
  bytesPerRow: i32,
  startX: i32,
  startY: i32,
  stepX: i32,
  stepY: i32,
): void {
  // memory.copy of nothing traps too where its source lies beyond the memory
  if (count == 0) return;
  if (stepX == 65536 && stepY == 0) {
    memory.copy(target, source + (startY >> 16) * bytesPerRow + (startX >> 16) * 3, count * 3);
    return;
  }
  let x = startX;
  let y = startY;
  const end = target + count * 3;
  for (let at = target; at < end; at += 3) {
    store<u32>(at, load<u32>(source + (y >> 16) * bytesPerRow + (x >> 16) * 3));
    x += stepX;
    y += stepY;
  }
}

/** First column from which on start + step * column >= 0 (step > 0) or < limit (step < 0), in 16.16. */
function firstInside(start: i64, step: i64, limit: i64): i32 {
  const end = limit << 16;
  if (step > 0) return start >= 0 ? 0 : clampColumn((step - 1 - start) / step);
  if (step < 0) return start < end ? 0 : clampColumn((start - end) / -step + 1);
  return start >= 0 && start < end ? 0 : i32.MAX_VALUE;
}

/** Column before which start + step * column is < limit (step > 0) or >= 0 (step < 0), in 16.16. */
function lastInside(start: i64, step: i64, limit: i64): i32 {
  const end = limit << 16;
  if (step > 0) return start >= end ? 0 : clampColumn((end - start + step - 1) / step);
  if (step < 0) return start < 0 ? 0 : clampColumn(start / -step + 1);
  return i32.MAX_VALUE;
}

function clampColumn(column: i64): i32 {
  return <i32>min<i64>(column, i32.MAX_VALUE);
}
