import { FRAME_BYTES, Frame } from './frame.as';
import { widen } from './half.as';

/** What a call of the stem or of its gradient is told, in the order of filter.ts; and whether its images are float16. */
@unmanaged
export class StemWindow {
  rows: usize;
  c4: usize;
  height: usize;
  width: usize;
  outHeight: usize;
  outWidth: usize;
  chunk: usize;
  sampleRows: usize;
  kernel: usize;
  stride: usize;
  marginTop: usize;
  marginLeft: usize;
  isHalf: usize;
}

/** Bytes of a pixel of three colors, in float32. */
export const COLORS: usize = 12;

/** A frame for lines of images. */
export function imageFrame(at: usize, window: StemWindow, outLines: usize): Frame {
  const frame = changetype<Frame>(at);
  frame.at = at + FRAME_BYTES;
  frame.width = window.width;
  frame.line = (window.width + window.kernel - 1) * COLORS;
  frame.bytes = ((outLines - 1) * window.stride + window.kernel) * frame.line;
  frame.to = 0;
  return frame;
}

/** Fills the frame with the lines that windows of outputs from ... to - 1 of an image reach, in float32. */
export function fillImage(
  frame: Frame,
  window: StemWindow,
  images: usize,
  image: usize,
  from: usize,
  to: usize,
): void {
  const margin = window.marginTop;
  const first = (from / window.outWidth) * window.stride;
  const last = ((to - 1) / window.outWidth) * window.stride;
  const top = first - min(first, margin);
  const bottom = min(window.height, last + window.kernel - margin);
  const origin = frame.at - (first - margin) * frame.line + window.marginLeft * COLORS;
  if (frame.origin !== origin || frame.from !== top || frame.to !== bottom) {
    memory.fill(frame.at, 0, frame.bytes);
    frame.origin = origin;
    frame.from = top;
    frame.to = bottom;
  }
  const values = window.width * 3;
  const size: usize = window.isHalf ? 2 : 4;
  let source = images + (image * window.height + top) * values * size;
  for (let y = top; y < bottom; y++, source += values * size) {
    const line = origin + y * frame.line;
    if (window.isHalf) widen(source, values, line);
    else memory.copy(line, source, values * 4);
  }
}

/** Where the window of output (y, x) begins. */
export function imageWindow(frame: Frame, window: StemWindow, y: usize, x: usize): usize {
  const line = y * window.stride - window.marginTop;
  return frame.origin + line * frame.line + (x * window.stride - window.marginLeft) * COLORS;
}
