import type { Batch, BatchImages } from '../../core/batch.ts';
import type { Size, TensorFormat } from '../../core/image.ts';

/** Where a batch's images are. */
export interface ImageMemory {
  readonly images: BatchImages;
  read(): Promise<BatchImages>;
  readonly buffer: GPUBuffer | undefined;
  /** The same images in memory of their own, which `free` gives back. */
  copy(): ImageMemory;
  free(): void;
}

/** All that a batch says beside its images. */
export type BatchFacts = Omit<Batch, keyof ImageMemory | 'release'>;

/** A batch over memory that is used again after `release`. */
export function slotBatch(facts: BatchFacts, memory: ImageMemory, onRelease: () => void): Batch {
  let isReleased = false;
  return {
    ...facts,
    // a getter: a GPU's images may not have been fetched yet
    get images() {
      return memory.images;
    },
    read: () => memory.read(),
    buffer: memory.buffer,
    release() {
      if (isReleased) return;
      isReleased = true;
      onRelease();
    },
    copy() {
      const own = memory.copy();
      return slotBatch(facts, own, () => own.free());
    },
  };
}

/** Images in this process's memory. */
export function hostMemory(images: BatchImages): ImageMemory {
  return {
    images,
    read: async () => images,
    buffer: undefined,
    copy: () => hostMemory(images.slice()),
    free: () => {},
  };
}

/** The first `rows` images of a slot. */
export function slotImages(
  buffer: SharedArrayBuffer,
  rows: number,
  size: Size,
  format: TensorFormat,
): BatchImages {
  // The public type says ArrayBuffer-backed arrays; readers never see the difference.
  const bytes = buffer as ArrayBufferLike as ArrayBuffer;
  return elementsOf(bytes, format, rows * size.width * size.height * 3);
}

/** The first elements that lie in these bytes. */
export function elementsOf(bytes: ArrayBuffer, { dtype }: TensorFormat, count?: number): BatchImages {
  return dtype === 'float16' ? new Uint16Array(bytes, 0, count) : new Float32Array(bytes, 0, count);
}
