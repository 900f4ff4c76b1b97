import type { Batch, BatchImages } from '../../core/batch.ts';
import { BackendError } from '../../core/errors.ts';
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

/** A batch over memory that is used again after `release`: then it refuses to give what is another batch's. */
export function slotBatch(facts: BatchFacts, memory: ImageMemory, onRelease: () => void): Batch {
  let isReleased = false;
  const memoryFor = (member: string): ImageMemory => {
    if (isReleased) throw releasedError(member);
    return memory;
  };
  return batchOver(facts, memoryFor, () => {
    isReleased = true;
    onRelease();
  });
}

function batchOver(
  facts: BatchFacts,
  memoryFor: (member: string) => ImageMemory,
  onRelease: () => void,
): Batch {
  let isReleased = false;
  return {
    ...facts,
    // a getter: a GPU's images may not have been fetched yet
    get images() {
      return memoryFor('images').images;
    },
    read: async () => memoryFor('read()').read(),
    get buffer() {
      return memoryFor('buffer').buffer;
    },
    release() {
      if (isReleased) return;
      isReleased = true;
      onRelease();
    },
    copy() {
      const own = memoryFor('copy()').copy();
      return batchOver(
        facts,
        () => own,
        () => own.free(),
      );
    },
  };
}

function releasedError(member: string): BackendError {
  const reason = `${member} of a batch that was released: its memory is used again`;
  const remedy = 'put copied() into the pipeline, or call batch.copy() before release(), to keep images';
  return new BackendError('BATCH_RELEASED', `${reason}; ${remedy}`);
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
