/// <reference types="@webgpu/types" preserve="true" />
import type { TensorLayout, TensorType } from './image.ts';
import type { MultiLabels } from './multi-labels.ts';

/**
 * How the rows of a batch were mixed with others: row i is its own share of itself and the rest of its partner, and so is its
 * target. Blended (MixUp), or with a box that the partner's pixels fill (CutMix).
 */
export interface Mixing {
  /** The row mixed in; a row that is not mixed names itself. */
  readonly partnerRows: Int32Array;
  /** Label of each row's partner; a row that is not mixed carries its own. Where rows have several: those of `partnerRows`. */
  readonly partnerLabels: Int32Array;
  /** Share of the row's own image and label, 0..1; of a row with a box, that of the pixels outside. */
  readonly weights: Float64Array;
  /** Left, top, width, height a row, in pixels; width 0: blended, or not mixed. Left out where no row has one. */
  readonly boxes?: Int32Array;
  /**
   * The share of all rows that are mixed, 1 where none is. Throws a ParameterError where they have different ones. Not among what
   * a copy of this object has.
   */
  readonly lambda: number;
}

/** A batch's elements; float16 as bits. */
export type BatchImages = Uint16Array | Float32Array;

/** What one operator drew for one sample, as plain data: it can be logged and replayed. */
export interface Drawn {
  readonly operator: string;
  readonly values: unknown;
}

/** A sample that could not be used and was replaced (`onError: 'substitute'`). */
export interface Substitution {
  readonly row: number;
  /** The sample that was to stand in this row, by index and key, and the reason why it does not. */
  readonly id: number;
  readonly key: string;
  readonly code: string;
  readonly message: string;
  readonly operator: string | undefined;
  /** Its first 16 bytes in hexadecimal, or as many as there are; undefined where none were read, or pixels came. */
  readonly firstBytes: string | undefined;
}

/**
 * A batch of normalised images. `images` is a view of a slot that is used again after `release()`; everything
 * else is the batch's own and may be kept.
 */
export interface Batch {
  /**
   * Elements of shape [n, h, w, 3] (nhwc) or [n, 3, h, w] (nchw); float16 as bits. A batch of the gpu backend throws
   * here until `read()` has fetched them.
   */
  readonly images: BatchImages;
  /** `images`: at once where they are in this process's memory, else fetched from the GPU. Valid until `release()`. */
  read(): Promise<BatchImages>;
  /**
   * Where the gpu backend made the batch: its images on the GPU, with usage STORAGE | COPY_SRC | COPY_DST, on the device
   * that `openGpu()` gives. As large as the images, rounded up to 4 bytes. Valid until `release()`.
   */
  readonly buffer: GPUBuffer | undefined;
  /** Of a part of a batch: where in `buffer` its images begin, in bytes, a multiple of 256. Default 0. */
  readonly bufferOffset?: number;
  readonly shape: readonly [number, number, number, number];
  readonly dtype: TensorType;
  readonly layout: TensorLayout;
  /** Class index a row; -1 where the source has no label. Where rows may have several, the first of them. */
  readonly labels: Int32Array;
  /** The classes of each row, where the source's samples may have several or none (`Dataset.labels`); else left out. */
  readonly multiLabels?: MultiLabels;
  readonly mixing: Mixing | undefined;
  /**
   * Which of its sample's rows each row is, from 0 on: its draws are its own. Left out: all 0, as where no sample is repeated.
   */
  readonly occurrences?: Uint32Array;
  /** Rows of each sample, where there are several that belong together: `rowsOfView` finds them. */
  readonly views?: number;
  /** Index in the dataset, and key (path or store key), of each row. */
  readonly ids: Float64Array;
  readonly keys: readonly string[];
  readonly epoch: number;
  /** Index of this batch within its epoch, and whether it is the epoch's last. */
  readonly index: number;
  readonly isLastOfEpoch: boolean;
  /** What was drawn for each row, where the pipeline was asked for it (`recordDraws`), else undefined. */
  readonly drawn: readonly (readonly Drawn[])[] | undefined;
  /** Row by row; a row is here several times where samples that were to stand in for the first were bad as well. */
  readonly substitutions: readonly Substitution[];
  /** Rolling digest of the stream up to and with this batch (`digest: true`), else undefined. */
  readonly digest: string | undefined;
  /** Digest of each row (id, label or labels, draws, pixels), 32 bytes (`digest: true`), else undefined. */
  readonly rowDigests: readonly Uint8Array[] | undefined;
  /** Frees the slot for the next batch. A second call does nothing. */
  release(): void;
  /** A copy whose images are its own: it may be kept. Its `release()` frees what it takes on a GPU, and is no must. */
  copy(): Batch;
}

/** What a batch says of its rows, but for their pixels. */
export type RowFacts = Pick<
  Batch,
  | 'epoch'
  | 'index'
  | 'ids'
  | 'keys'
  | 'labels'
  | 'multiLabels'
  | 'mixing'
  | 'occurrences'
  | 'views'
  | 'substitutions'
>;
