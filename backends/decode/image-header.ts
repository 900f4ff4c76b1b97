import type { Size } from '../../src/core/image.ts';

/** How an image is to be turned before it is looked at: EXIF tag 0x0112. 1 as it is; from 5 on the sides swap. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'avif' | 'tiff' | 'bmp';

/** What the first bytes of a file say. Width and height are those of the pixels as they are stored. */
export interface ImageHeader extends Size {
  readonly format: ImageFormat;
  readonly orientation: Orientation;
  /** JPEG only. */
  readonly jpeg?: JpegFrame;
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
