import { axisBytes, boundAxis, ENTRY_BYTES, fillAxis } from './coefficients.as';
import { filterColumns, filterRows } from './passes.as';

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
    copyRows(
      box + <usize>windowTop * stride + <usize>windowLeft * 3,
      stride,
      target,
      targetStride,
      windowHeight,
    );
    return;
  }

  const columns = scratch;
  const columnPairs = boundAxis(columns, boxWidth, gridWidth, filter, windowLeft, windowWidth, mirror);
  const columnsEnd = columns + axisBytes(windowWidth, columnPairs);
  fillAxis(columns, columnPairs, columnsEnd, boxWidth, gridWidth, filter, windowLeft, windowWidth, mirror);
  if (!changesRows) {
    filterRows(
      box + <usize>windowTop * stride,
      stride,
      windowHeight,
      target,
      targetStride,
      columns,
      columnPairs,
      windowWidth,
    );
    return;
  }

  const rows = columnsEnd;
  const rowPairs = boundAxis(rows, boxHeight, gridHeight, filter, windowTop, windowHeight, 0);
  const between = rows + axisBytes(windowHeight, rowPairs);
  fillAxis(rows, rowPairs, between, boxHeight, gridHeight, filter, windowTop, windowHeight, 0);
  if (!changesColumns) {
    filterColumns(
      box + <usize>windowLeft * 3,
      stride,
      boxHeight,
      target,
      targetStride,
      rows,
      rowPairs,
      windowHeight,
    );
  } else if (boxHeight > gridHeight && boxHeight - gridHeight > 2 * (boxWidth - gridWidth)) {
    // vertical pass first: see verticalFirst in resample.ts
    const betweenStride = <usize>boxWidth * 3;
    filterColumns(box, stride, boxHeight, between, betweenStride, rows, rowPairs, windowHeight);
    filterRows(between, betweenStride, windowHeight, target, targetStride, columns, columnPairs, windowWidth);
  } else {
    // only the rows that taps reach
    const first = load<i32>(rows);
    const last = rows + <usize>(windowHeight - 1) * ENTRY_BYTES;
    const end = load<i32>(last) + load<i32>(last, 4);
    filterRows(
      box + <usize>first * stride,
      stride,
      end - first,
      between,
      targetStride,
      columns,
      columnPairs,
      windowWidth,
    );
    filterColumns(
      between - <usize>first * targetStride,
      targetStride,
      end,
      target,
      targetStride,
      rows,
      rowPairs,
      windowHeight,
    );
  }
}

function copyRows(source: usize, stride: usize, target: usize, targetStride: usize, rows: i32): void {
  for (let y = 0; y < rows; y++) {
    memory.copy(target + <usize>y * targetStride, source + <usize>y * stride, targetStride);
  }
}
