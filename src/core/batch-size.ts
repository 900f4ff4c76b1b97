import type { Batch } from './batch.ts';
import { bytesPerElement, type Size, type TensorFormat } from './image.ts';

export function batchShape(rows: number, { width, height }: Size, { layout }: TensorFormat): Batch['shape'] {
  return layout === 'nhwc' ? [rows, height, width, 3] : [rows, 3, height, width];
}

export function batchBytes(rows: number, { width, height }: Size, { dtype }: TensorFormat): number {
  return rows * width * height * 3 * bytesPerElement(dtype);
}
