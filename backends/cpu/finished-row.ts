import { type Box, bytesPerElement, type Size, type TensorFormat } from '../../src/core/image.ts';
import type { EraseBox } from '../backend.ts';

/** An image in WASM memory, and what of it is erased. */
export interface PlacedLayer {
  readonly address: number;
  /** Address of 768 bytes, through which its pixels are still to be sent. */
  readonly tables: number | undefined;
  readonly erase: readonly EraseBox[] | undefined;
}

export interface PlacedMix {
  readonly partner: PlacedLayer;
  readonly lambda: number;
  readonly box?: Box;
}

/** The elements of a row that is made, in WASM memory. */
export class FinishedRow {
  readonly address: number;
  readonly size: Size;
  readonly format: TensorFormat;
  readonly elementBytes: number;
  /** Bytes from one pixel's element to the next pixel's. */
  readonly pixelStep: number;
  /** The same from one channel's to the next channel's. */
  readonly channelStep: number;

  constructor(address: number, size: Size, format: TensorFormat) {
    this.address = address;
    this.size = size;
    this.format = format;
    const bytes = bytesPerElement(format.dtype);
    this.elementBytes = bytes;
    this.pixelStep = format.layout === 'nhwc' ? 3 * bytes : bytes;
    this.channelStep = format.layout === 'nhwc' ? bytes : size.width * size.height * bytes;
  }

  get pixels(): number {
    return this.size.width * this.size.height;
  }

  get bytes(): number {
    return 3 * this.pixels * this.elementBytes;
  }

  /** Where the first element of the pixel with this number stands. */
  at(pixel: number): number {
    return this.address + pixel * this.pixelStep;
  }
}

/** Pixels of one line, from number `first` on. */
export interface Run {
  readonly first: number;
  readonly pixels: number;
}

/** The lines of a box in an image of this width. */
export function* runsOf({ left, top, width, height }: Box, imageWidth: number): Generator<Run> {
  for (let y = top; y < top + height; y++) yield { first: y * imageWidth + left, pixels: width };
}

/** The part of one box that lies in another; undefined where there is none. */
export function overlap<B extends Box>(box: B, other: Box): B | undefined {
  const left = Math.max(box.left, other.left);
  const top = Math.max(box.top, other.top);
  const width = Math.min(box.left + box.width, other.left + other.width) - left;
  const height = Math.min(box.top + box.height, other.top + other.height) - top;
  return width > 0 && height > 0 ? { ...box, left, top, width, height } : undefined;
}
