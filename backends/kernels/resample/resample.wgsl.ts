import { u32 } from '../kernel.ts';
import { definePreparedShader, type ResidentTable, type ResidentTables } from '../shader.ts';
import { axisCoefficients } from './coefficients.ts';
import { resample, verticalFirst } from './resample.ts';

/** Two passes; between them lies an image that holds only what the second one reads. */
const layout = {
  isVerticalFirst: u32,
  /** Coefficients of an axis, and the most taps that a position has. */
  columns: u32,
  columnTaps: u32,
  rows: u32,
  rowTaps: u32,
  /** The first pixel of the input that is read. */
  left: u32,
  top: u32,
  betweenWidth: u32,
  betweenHeight: u32,
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
    const columns = axisTable(tables, boxWidth, gridWidth, filter, windowLeft, windowWidth);
    const rows = axisTable(tables, boxHeight, gridHeight, filter, windowTop, windowHeight);
    const isVerticalFirst = verticalFirst(args);
    return {
      isVerticalFirst: isVerticalFirst ? 1 : 0,
      columns: columns.at,
      columnTaps: columns.taps,
      rows: rows.at,
      rowTaps: rows.taps,
      left: boxLeft + columns.first,
      top: boxTop + rows.first,
      betweenWidth: isVerticalFirst ? columns.reach : windowWidth,
      betweenHeight: isVerticalFirst ? windowHeight : rows.reach,
      windowWidth,
      windowHeight,
      mirror,
    };
  },
  betweenSize: ({ betweenWidth, betweenHeight }) => ({ width: betweenWidth, height: betweenHeight }),
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

/** An axis's table on the device, and what of the input it reads: `reach` positions from `first` on. */
function axisTable(
  tables: ResidentTables,
  inputSize: number,
  outputSize: number,
  filter: number,
  from: number,
  length: number,
) {
  const key = `axis ${inputSize} ${outputSize} ${filter} ${from} ${length}`;
  const table = tables.get(key, () => axisWords(inputSize, outputSize, filter, from, length));
  const [first, reach, taps] = headerOf(table);
  return { at: table.at + HEADER_WORDS, first, reach, taps };
}

const HEADER_WORDS = 3;
const headerOf = ({ words }: ResidentTable) =>
  words.subarray(0, HEADER_WORDS) as unknown as readonly [first: number, reach: number, taps: number];

/** For the CPU: first, reach, taps. For the device: first (from the reach's start) and count a position, then all taps. */
function axisWords(inputSize: number, outputSize: number, filter: number, from: number, length: number) {
  const { first, count, taps, stride } = axisCoefficients(inputSize, outputSize, filter, from, length);
  const start = first[0] as number;
  const end = (first[length - 1] as number) + (count[length - 1] as number);
  const words = new Int32Array(HEADER_WORDS + 2 * length + taps.length);
  words.set([start, end - start, stride]);
  for (let i = 0; i < length; i++) {
    words[HEADER_WORDS + 2 * i] = (first[i] as number) - start;
    words[HEADER_WORDS + 2 * i + 1] = count[i] as number;
  }
  words.set(taps, HEADER_WORDS + 2 * length);
  return words;
}
