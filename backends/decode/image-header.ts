import type { Size } from '../../src/core/image.ts';
import type { BmpLayout } from './bmp/layout.ts';
import type { GifLayout } from './gif/layout.ts';
import type { Orientation } from './orientation.ts';
import type { PnmLayout } from './pnm/layout.ts';
import type { TiffLayout } from './tiff/layout.ts';

export type { Orientation };

export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'avif' | 'tiff' | 'bmp' | 'pnm';

/**
 * What the first bytes of a file say. Width and height are those of the pixels as they are stored; of formats that
 * are always turned as the file says (AVIF, TIFF), those after that.
 */
export interface ImageHeader extends Size {
  readonly format: ImageFormat;
  readonly orientation: Orientation;
  /** JPEG only. */
  readonly jpeg?: JpegFrame;
  /** Of the format's own: how pixels are stored. */
  readonly tiff?: TiffLayout;
  readonly gif?: GifLayout;
  readonly bmp?: BmpLayout;
  readonly pnm?: PnmLayout;
}

export interface JpegFrame {
  /** 1 gray, 3 YCbCr or RGB, 4 CMYK or YCCK. */
  readonly components: number;
  readonly bitsPerSample: number;
  readonly process: 'sequential' | 'progressive' | 'lossless' | 'hierarchical';
  readonly coding: 'huffman' | 'arithmetic';
  /** Of Adobe's APP14 segment: 0 RGB or CMYK, 1 YCbCr, 2 YCCK; undefined without such a segment. */
  readonly adobeTransform: number | undefined;
}
