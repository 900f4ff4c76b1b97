import { DataError } from '../../src/core/errors.ts';
import type { Size } from '../../src/core/image.ts';
import type { ImageFormat } from './image-header.ts';

/** Of a file whose data end before its pixels do. */
export const truncated = (format: ImageFormat, { width, height }: Size, cause?: unknown): DataError =>
  new DataError('TRUNCATED', `${format}: the file ends before the last of ${width} x ${height} pixels`, {
    cause,
  });
