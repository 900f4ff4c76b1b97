import type { ImageHeader } from './image-header.ts';
import { readTiffLayout } from './tiff/layout.ts';

/** The size is that after turning, which the decoder does as the file says. */
export function readTiffHeader(bytes: Buffer): Omit<ImageHeader, 'format'> {
  const tiff = readTiffLayout(bytes);
  const { width, height, orientation } = tiff;
  const size = orientation >= 5 ? { width: height, height: width } : { width, height };
  return { ...size, orientation: 1, tiff };
}
