import type { RawImage } from '../../../src/core/image.ts';
import { type ArgumentsOf, defineKernel, u32 } from '../kernel.ts';
import { type AxisCoefficients, axisCoefficients, PRECISION_BITS, tapStride } from './coefficients.ts';

/** All in pixels. The calls that operators need are made in calls.ts. */
const layout = {
  /** The box of the input that is read; taps never leave it. */
  boxLeft: u32,
  boxTop: u32,
  boxWidth: u32,
  boxHeight: u32,
  /** The size that the box is resized to. */
  gridWidth: u32,
  gridHeight: u32,
  /** The part of the grid that is the output. */
  windowLeft: u32,
  windowTop: u32,
  windowWidth: u32,
  windowHeight: u32,
  /** 0 bilinear, 1 bicubic, 2 box, 3 hamming, 4 lanczos. */
  filter: u32,
  /** 1 flips the window left to right. */
  mirror: u32,
} as const;

export type ResampleArguments = ArgumentsOf<typeof layout>;

/**
 * Crop, antialiased resize, crop again, mirror: any of them, in one pass over the pixels. Equals Pillow's
 * `image.crop(box).resize(grid, filter).crop(window)`, then `ImageOps.mirror`, bit for bit: two passes of
 * 22-bit fixed point, rounded to u8 between them, in the order of Pillow 13 (`verticalFirst`).
 */
export const resample = defineKernel({
  name: 'resample',
  layout,
  passes: 2,
  outputSize: ({ windowWidth, windowHeight }) => ({ width: windowWidth, height: windowHeight }),
  scratchBytes(args) {
    const { boxWidth, boxHeight, gridWidth, gridHeight, windowWidth, windowHeight, filter } = args;
    const between = verticalFirst(args) ? boxWidth * windowHeight : windowWidth * boxHeight;
    const columns = axisBytes(windowWidth, tapStride(boxWidth, gridWidth, filter));
    const rows = axisBytes(windowHeight, tapStride(boxHeight, gridHeight, filter));
    const strip = windowWidth * STRIP_COLUMN_BYTES;
    return columns + rows + strip + between * 3 + 64;
  },
  fuse(first, second) {
    if (keepsScale(second)) return { ...windowOfWindow(first, second), mirror: first.mirror ^ second.mirror };
    if (keepsScale(first) && first.mirror === 0) return boxOfWindow(first, second);
    return undefined;
  },
  reads: ({ boxLeft, boxTop, boxWidth, boxHeight }) => ({
    left: boxLeft,
    top: boxTop,
    width: boxWidth,
    height: boxHeight,
  }),
  onPart: (args, left, top) => ({ ...args, boxLeft: args.boxLeft - left, boxTop: args.boxTop - top }),
  reference(args, input, output) {
    const box = cropped(args, input);
    const columns = horizontalCoefficients(args);
    const rows = verticalCoefficients(args);
    const { boxWidth, boxHeight, windowWidth, windowHeight } = args;
    if (verticalFirst(args)) {
      const flat = new Uint8Array(boxWidth * windowHeight * 3);
      filterColumns(box, boxWidth * 3, rows, flat);
      filterRows(flat, boxWidth * 3, columns, output);
    } else {
      const narrow = new Uint8Array(windowWidth * boxHeight * 3);
      filterRows(box, boxWidth * 3, columns, narrow);
      filterColumns(narrow, windowWidth * 3, rows, output);
    }
  },
});

/**
 * Whether the vertical pass runs first: where the height shrinks by more than twice what the width shrinks by. Pillow
 * before 13.0 always ran the horizontal pass first; the two orders differ by rounding.
 */
export function verticalFirst({ boxWidth, boxHeight, gridWidth, gridHeight }: ResampleArguments): boolean {
  return boxHeight > gridHeight && boxHeight - gridHeight > 2 * (boxWidth - gridWidth);
}

/** Four pixels: see strip.as.ts. */
const STRIP_COLUMN_BYTES = 16;

/** Room that resample.as.ts needs for an axis of `length` positions with at most `taps` taps each. */
function axisBytes(length: number, taps: number): number {
  const pairs = (taps + 1) / 2;
  return 16 + length * (8 + 32 * pairs) + 16 * (pairs + 1);
}

/** The grid is the box itself: the call only crops and mirrors. */
const keepsScale = (args: ResampleArguments): boolean =>
  args.boxWidth === args.gridWidth && args.boxHeight === args.gridHeight;

/** `second` takes a window of what `first` outputs: a smaller window of the same grid. */
function windowOfWindow(first: ResampleArguments, second: ResampleArguments): ResampleArguments {
  const left = second.boxLeft + second.windowLeft;
  const { windowWidth, windowHeight } = second;
  return {
    ...first,
    windowLeft: first.windowLeft + (first.mirror === 0 ? left : first.windowWidth - left - windowWidth),
    windowTop: first.windowTop + second.boxTop + second.windowTop,
    windowWidth,
    windowHeight,
  };
}

/** `second` works on a box of what `first` merely cropped: the same box, further into the input. */
function boxOfWindow(first: ResampleArguments, second: ResampleArguments): ResampleArguments {
  return {
    ...second,
    boxLeft: first.boxLeft + first.windowLeft + second.boxLeft,
    boxTop: first.boxTop + first.windowTop + second.boxTop,
  };
}

function horizontalCoefficients(args: ResampleArguments): AxisCoefficients {
  const { boxWidth, gridWidth, filter, windowLeft, windowWidth, mirror } = args;
  const axis = axisCoefficients(boxWidth, gridWidth, filter, windowLeft, windowWidth);
  if (mirror === 0) return axis;
  const { stride } = axis;
  const taps = new Int32Array(axis.taps.length);
  for (let i = 0; i < windowWidth; i++) {
    taps.set(axis.taps.subarray(i * stride, (i + 1) * stride), (windowWidth - 1 - i) * stride);
  }
  return { first: axis.first.reverse(), count: axis.count.reverse(), taps, stride };
}

function verticalCoefficients(args: ResampleArguments): AxisCoefficients {
  return axisCoefficients(args.boxHeight, args.gridHeight, args.filter, args.windowTop, args.windowHeight);
}

/** The pixels of the box, packed. */
function cropped({ boxLeft, boxTop, boxWidth, boxHeight }: ResampleArguments, input: RawImage): Uint8Array {
  const box = new Uint8Array(boxWidth * boxHeight * 3);
  for (let y = 0; y < boxHeight; y++) {
    const start = ((boxTop + y) * input.width + boxLeft) * 3;
    box.set(input.data.subarray(start, start + boxWidth * 3), y * boxWidth * 3);
  }
  return box;
}

/** Rows of `rowBytes` bytes through the horizontal filter, as many as the target has room for. */
function filterRows(source: Uint8Array, rowBytes: number, axis: AxisCoefficients, target: Uint8Array): void {
  const targetRowBytes = axis.first.length * 3;
  for (let i = 0; i < target.length; i++) {
    const y = Math.floor(i / targetRowBytes);
    const x = Math.floor((i % targetRowBytes) / 3);
    const from = y * rowBytes + (axis.first[x] as number) * 3 + (i % 3);
    target[i] = weightedSum(source, from, 3, axis, x);
  }
}

/** All rows of the target from rows of `rowBytes` bytes, through the vertical filter. */
function filterColumns(
  source: Uint8Array,
  rowBytes: number,
  axis: AxisCoefficients,
  target: Uint8Array,
): void {
  for (let y = 0; y < axis.first.length; y++) {
    const from = (axis.first[y] as number) * rowBytes;
    for (let i = 0; i < rowBytes; i++) {
      target[y * rowBytes + i] = weightedSum(source, from + i, rowBytes, axis, y);
    }
  }
}

function weightedSum(
  source: Uint8Array,
  from: number,
  step: number,
  axis: AxisCoefficients,
  position: number,
): number {
  const tapStart = position * axis.stride;
  const taps = axis.count[position] as number;
  let sum = 1 << (PRECISION_BITS - 1);
  for (let k = 0; k < taps; k++) {
    sum += (axis.taps[tapStart + k] as number) * (source[from + k * step] as number);
  }
  return Math.max(0, Math.min(255, sum >> PRECISION_BITS));
}
