import { u32 } from '../kernel.ts';
import { definePreparedShader, type ResidentTable, residentTable, type TableDefinition } from '../shader.ts';
import { axisCoefficients } from './coefficients.ts';
import { resample, verticalFirst } from './resample.ts';

/**
 * Coefficients of an axis. For the device: first (from the reach's start) and count of each position, then all taps. Facts:
 * the first position of the input that is read, how many are from there on, and the most taps that a position has.
 */
const axisTable: TableDefinition = {
  name: 'axis',
  make(inputSize, outputSize, filter, from, length) {
    const { first, count, taps, stride } = axisCoefficients(inputSize, outputSize, filter, from, length);
    const start = first[0] as number;
    const end = (first[length - 1] as number) + (count[length - 1] as number);
    const words = new Int32Array(2 * length + taps.length);
    for (let i = 0; i < length; i++) {
      words[2 * i] = (first[i] as number) - start;
      words[2 * i + 1] = count[i] as number;
    }
    words.set(taps, 2 * length);
    return { words, facts: [start, end - start, stride] };
  },
};

type AxisFacts = readonly [first: number, reach: number, taps: number];
const factsOf = (axis: ResidentTable | undefined) => (axis as ResidentTable).facts as unknown as AxisFacts;

/** Two passes; between them lies an image that holds only what the second one reads. */
const layout = {
  isVerticalFirst: u32,
  /** Coefficients of an axis, and the most taps that a position has. */
  columns: residentTable(axisTable),
  columnTaps: u32,
  rows: residentTable(axisTable),
  rowTaps: u32,
  /** The first pixel of the input that is read. */
  left: u32,
  top: u32,
  windowWidth: u32,
  windowHeight: u32,
  mirror: u32,
} as const;

/**
 * `resample.source` is no function of one output pixel as other shaders' are, but of one pixel of each of two passes:
 *
 *     fn firstPass(call: Resample, source: Source, x: u32, y: u32) -> u32
 *     fn secondPass(call: Resample, source: Source, x: u32, y: u32) -> u32
 */
export const resampleShader = definePreparedShader(resample, {
  layout,
  prepare(args, tables) {
    const { boxLeft, boxTop, boxWidth, boxHeight, gridWidth, gridHeight, filter, mirror } = args;
    const { windowLeft, windowTop, windowWidth, windowHeight } = args;
    const columns = tables.get(axisTable, boxWidth, gridWidth, filter, windowLeft, windowWidth);
    const rows = tables.get(axisTable, boxHeight, gridHeight, filter, windowTop, windowHeight);
    const [firstColumn, , columnTaps] = factsOf(columns);
    const [firstRow, , rowTaps] = factsOf(rows);
    return {
      isVerticalFirst: verticalFirst(args) ? 1 : 0,
      columns,
      columnTaps,
      rows,
      rowTaps,
      left: boxLeft + firstColumn,
      top: boxTop + firstRow,
      windowWidth,
      windowHeight,
      mirror,
    };
  },
  betweenSize({ isVerticalFirst, columns, rows, windowWidth, windowHeight }) {
    if (isVerticalFirst === 1) return { width: factsOf(columns)[1], height: windowHeight };
    return { width: windowWidth, height: factsOf(rows)[1] };
  },
  source: /* wgsl */ `
// Where a pass reads: pixels at \`at\` of \`pixels\`, or bytes at \`at\` of \`uploaded\`; rows are \`stride\` pixels apart.
struct Source { at: u32, stride: u32, isUploaded: bool }

fn firstPass(call: Resample, source: Source, x: u32, y: u32) -> u32 {
  if (call.isVerticalFirst != 0u) {
    return filterColumn(call, source, call.top * source.stride + call.left + x, y);
  }
  return filterRow(call, source, (call.top + y) * source.stride + call.left, x);
}

fn secondPass(call: Resample, source: Source, x: u32, y: u32) -> u32 {
  if (call.isVerticalFirst != 0u) { return filterRow(call, source, y * source.stride, x); }
  return filterColumn(call, source, x, y);
}

// \`start\` is the index of the row's first pixel that is read by any position.
fn filterRow(call: Resample, source: Source, start: u32, x: u32) -> u32 {
  let position = select(x, call.windowWidth - 1u - x, call.mirror != 0u);
  return weightedSum(source, start, 1u, call.columns, call.windowWidth, call.columnTaps, position);
}

fn filterColumn(call: Resample, source: Source, start: u32, y: u32) -> u32 {
  return weightedSum(source, start, source.stride, call.rows, call.windowHeight, call.rowTaps, y);
}

fn weightedSum(
  source: Source, start: u32, step: u32, axis: u32, positions: u32, mostTaps: u32, position: u32,
) -> u32 {
  var at = start + resident[axis + 2u * position] * step;
  let count = resident[axis + 2u * position + 1u];
  let taps = axis + 2u * positions + mostTaps * position;
  var sum = vec3i(1 << 21u);
  for (var i = 0u; i < count; i++) {
    sum += vec3i(channelsOf(sourcePixel(source, at))) * bitcast<i32>(resident[taps + i]);
    at += step;
  }
  return packed(vec3u(clamp(sum >> vec3u(22u), vec3i(0), vec3i(255))));
}

fn sourcePixel(source: Source, index: u32) -> u32 {
  if (!source.isUploaded) { return pixels[source.at + index]; }
  let byte = source.at + 3u * index;
  let shift = 8u * (byte & 3u);
  let word = uploaded[byte >> 2u] >> shift;
  // three bytes from the third or fourth of a word on reach into the next
  if (shift <= 8u) { return word; }
  return word | (uploaded[(byte >> 2u) + 1u] << (32u - shift));
}
`,
});
