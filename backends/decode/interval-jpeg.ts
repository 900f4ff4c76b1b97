import type { Size } from '../../src/core/image.ts';
import type { Orientation } from './image-header.ts';

/**
 * A JPEG file whose scan is cut into restart intervals, and where each lies: a part of the image is decoded from the
 * intervals that cover it. Baseline, Huffman coded, 8 bits, one interleaved scan.
 */
export interface IntervalJpeg extends Size {
  /** The file: header (SOI up to and with SOS), intervals, EOI. Any decoder reads it. */
  readonly bytes: Buffer;
  /** Bytes before the first interval. */
  readonly headerBytes: number;
  /** Where the frame header's height lies, followed by its width: two bytes each, big-endian. */
  readonly frameSizeOffset: number;
  /** Pixels of an MCU: 8, or 8 times the largest sampling factor. */
  readonly mcu: Size;
  /** MCUs an interval; divides the MCUs of a row. */
  readonly mcusPerInterval: number;
  /**
   * Where each interval ends, the two bytes of its marker (RSTn, at last EOI) included, counted from `headerBytes`.
   * Row by row, as many as there are intervals.
   */
  readonly intervalEnds: Uint32Array;
  readonly orientation: Orientation;
}
