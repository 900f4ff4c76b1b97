/// <reference types="@webgpu/types" preserve="true" />
import type { Batch, BatchImages } from './batch.ts';
import { TrainerError } from './errors.ts';
import { mixingOfRows } from './mixing.ts';
import { multiLabelsOfRows } from './multi-labels.ts';

/** Rows of a batch that follow one another. */
interface Place {
  readonly first: number;
  readonly rows: number;
}

/**
 * A batch as parts of so many rows, each a batch of its own over the same memory. The images of all are fetched once. Releasing a
 * part does nothing: the batch is released as a whole.
 */
export function partsOf(batch: Batch, rows: number): Batch[] {
  const [all] = batch.shape;
  if (!(rows >= 1) || all % rows !== 0)
    throw new TrainerError('BATCH_SHAPE', `a batch of ${all} rows cannot be cut into parts of ${rows}`);
  let images: Promise<BatchImages> | undefined;
  const read = () => {
    images ??= batch.read();
    return images;
  };
  return Array.from({ length: all / rows }, (_, part) => partOf(batch, { first: part * rows, rows }, read));
}

/** @param read the whole batch's */
function partOf(batch: Batch, place: Place, read: () => Promise<BatchImages>, release = () => {}): Batch {
  const { ids, keys, labels, epoch, index, isLastOfEpoch, drawn, substitutions, digest, rowDigests } = batch;
  const { dtype, layout, shape, mixing, multiLabels, occurrences, views } = batch;
  const { first, rows } = place;
  const last = first + rows;
  const offset = offsetOf(batch, first);
  return {
    ...{ dtype, layout, epoch, index, isLastOfEpoch, digest, release },
    shape: [rows, shape[1], shape[2], shape[3]],
    ids: ids.subarray(first, last),
    keys: keys.slice(first, last),
    labels: labels.subarray(first, last),
    ...(multiLabels && { multiLabels: multiLabelsOfRows(multiLabels, first, last) }),
    mixing: mixing && mixingOfRows(mixing, first, last),
    ...(occurrences && { occurrences: occurrences.subarray(first, last) }),
    ...(views !== undefined && { views }),
    drawn: drawn?.slice(first, last),
    rowDigests: rowDigests?.slice(first, last),
    substitutions: substitutions
      .filter(({ row }) => row >= first && row < last)
      .map((one) => ({ ...one, row: one.row - first })),
    get images() {
      return rowsOf(batch, batch.images, place);
    },
    read: async () => rowsOf(batch, await read(), place),
    // a shader's view of a buffer begins at a multiple of 256 bytes
    get buffer() {
      return offset % 256 === 0 ? batch.buffer : undefined;
    },
    bufferOffset: offset,
    copy() {
      const whole = batch.copy();
      return partOf(
        whole,
        place,
        () => whole.read(),
        () => whole.release(),
      );
    },
  };
}

const valuesOfRow = ({ shape: [, ...row] }: Batch): number => row.reduce((product, one) => product * one);

/** Where in the batch's buffer this row begins, in bytes. */
function offsetOf(batch: Batch, row: number): number {
  const bytes = batch.dtype === 'float16' ? 2 : 4;
  return (batch.bufferOffset ?? 0) + row * valuesOfRow(batch) * bytes;
}

function rowsOf(batch: Batch, images: BatchImages, { first, rows }: Place): BatchImages {
  const values = valuesOfRow(batch);
  return images.subarray(first * values, (first + rows) * values);
}
