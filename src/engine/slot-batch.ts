import type { Batch } from '../core/batch.ts';
import { bytesPerElement, type Size, type TensorFormat } from '../core/image.ts';

type Contents = Omit<Batch, 'release' | 'copy'>;

/** A batch over memory that is used again after `release`. */
export function slotBatch(contents: Contents, onRelease: () => void): Batch {
  let isReleased = false;
  return {
    ...contents,
    release() {
      if (isReleased) return;
      isReleased = true;
      onRelease();
    },
    copy: () => slotBatch({ ...contents, images: contents.images.slice() }, () => {}),
  };
}

export function batchShape(rows: number, { width, height }: Size, { layout }: TensorFormat): Batch['shape'] {
  return layout === 'nhwc' ? [rows, height, width, 3] : [rows, 3, height, width];
}

export function batchBytes(rows: number, { width, height }: Size, { dtype }: TensorFormat): number {
  return rows * width * height * 3 * bytesPerElement(dtype);
}

/** The first `rows` images of a slot. */
export function slotImages(
  buffer: SharedArrayBuffer,
  rows: number,
  size: Size,
  format: TensorFormat,
): Uint16Array | Float32Array {
  const elements = rows * size.width * size.height * 3;
  // The public type says ArrayBuffer-backed arrays; readers never see the difference.
  return (
    format.dtype === 'float16' ? new Uint16Array(buffer, 0, elements) : new Float32Array(buffer, 0, elements)
  ) as Uint16Array | Float32Array;
}
