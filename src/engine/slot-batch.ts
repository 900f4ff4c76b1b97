import type { Batch, Drawn, Mixing, Substitution } from '../core/batch.ts';
import { bytesPerElement, type Size, type TensorFormat } from '../core/image.ts';

type Contents = Omit<Batch, 'release' | 'copy'>;

/** A batch over memory that is used again after `release`. */
export class SlotBatch implements Batch {
  readonly images: Uint16Array | Float32Array;
  readonly shape: readonly [number, number, number, number];
  readonly dtype: Batch['dtype'];
  readonly layout: Batch['layout'];
  readonly labels: Int32Array;
  readonly mixing: Mixing | undefined;
  readonly ids: Float64Array;
  readonly keys: readonly string[];
  readonly epoch: number;
  readonly index: number;
  readonly isLastOfEpoch: boolean;
  readonly drawn: readonly (readonly Drawn[])[] | undefined;
  readonly substitutions: readonly Substitution[];
  readonly digest: string | undefined;
  #onRelease: (() => void) | undefined;

  constructor(contents: Contents, onRelease: () => void) {
    this.images = contents.images;
    this.shape = contents.shape;
    this.dtype = contents.dtype;
    this.layout = contents.layout;
    this.labels = contents.labels;
    this.mixing = contents.mixing;
    this.ids = contents.ids;
    this.keys = contents.keys;
    this.epoch = contents.epoch;
    this.index = contents.index;
    this.isLastOfEpoch = contents.isLastOfEpoch;
    this.drawn = contents.drawn;
    this.substitutions = contents.substitutions;
    this.digest = contents.digest;
    this.#onRelease = onRelease;
  }

  release(): void {
    const onRelease = this.#onRelease;
    this.#onRelease = undefined;
    onRelease?.();
  }

  copy(): Batch {
    return new SlotBatch({ ...this, images: this.images.slice() }, () => {});
  }
}

export function batchShape(
  rows: number,
  { width, height }: Size,
  { layout }: TensorFormat,
): SlotBatch['shape'] {
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
