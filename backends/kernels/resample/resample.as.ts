import { firstTapOf, lengthOf, tapCountOf, writeAxis } from './coefficients.as';
import { filterColumns } from './columns.as';
import { filterRows } from './rows.as';
import { COLUMN_BYTES } from './strip.as';

/** See resample.ts. */
export function resample(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  boxLeft: i32,
  boxTop: i32,
  boxWidth: i32,
  boxHeight: i32,
  gridWidth: i32,
  gridHeight: i32,
  windowLeft: i32,
  windowTop: i32,
  windowWidth: i32,
  windowHeight: i32,
  filter: i32,
  mirror: i32,
  scratch: usize,
): void {
  const stride = <usize>width * 3;
  const targetStride = <usize>windowWidth * 3;
  const box = source + <usize>boxTop * stride + <usize>boxLeft * 3;
  const changesColumns = boxWidth != gridWidth || mirror != 0;
  const changesRows = boxHeight != gridHeight;
  if (!changesColumns && !changesRows) {
    const window = box + <usize>windowTop * stride + <usize>windowLeft * 3;
    copyRows(window, stride, target, targetStride, windowHeight);
    return;
  }

  const columns = scratch;
  const rows = writeAxis(columns, boxWidth, gridWidth, filter, windowLeft, windowWidth, mirror);
  if (!changesRows) {
    const top = box + <usize>windowTop * stride;
    filterRows(top, stride, windowHeight, target, targetStride, columns, rows);
    return;
  }

  const strip = writeAxis(rows, boxHeight, gridHeight, filter, windowTop, windowHeight, 0);
  const between = strip + <usize>windowWidth * COLUMN_BYTES;
  if (!changesColumns) {
    filterColumns(box + <usize>windowLeft * 3, stride, boxHeight, target, targetStride, rows);
  } else if (boxHeight > gridHeight && boxHeight - gridHeight > 2 * (boxWidth - gridWidth)) {
    // vertical pass first: see verticalFirst in resample.ts
    const betweenStride = <usize>boxWidth * 3;
    filterColumns(box, stride, boxHeight, between, betweenStride, rows);
    filterRows(between, betweenStride, windowHeight, target, targetStride, columns, strip);
  } else {
    filterReachedRows(box, stride, between, target, targetStride, columns, rows, strip);
  }
}

/** Both passes, the horizontal one first and only over the rows that taps of the vertical one reach. */
function filterReachedRows(
  source: usize,
  stride: usize,
  between: usize,
  target: usize,
  targetStride: usize,
  columns: usize,
  rows: usize,
  strip: usize,
): void {
  const first = firstTapOf(rows, 0);
  const last = lengthOf(rows) - 1;
  const end = firstTapOf(rows, last) + tapCountOf(rows, last);
  filterRows(source + <usize>first * stride, stride, end - first, between, targetStride, columns, strip);
  filterColumns(between - <usize>first * targetStride, targetStride, end, target, targetStride, rows);
}

function copyRows(source: usize, stride: usize, target: usize, targetStride: usize, rows: i32): void {
  for (let y = 0; y < rows; y++) {
    memory.copy(target + <usize>y * targetStride, source + <usize>y * stride, targetStride);
  }
}
