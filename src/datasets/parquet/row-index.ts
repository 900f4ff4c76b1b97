import { NumberColumn } from '../columns/number-column.ts';
import type { NumberLists } from '../columns/number-lists.ts';
import type { TextColumn } from '../columns/text-column.ts';
import { unpackings } from './codecs.ts';
import type { ImageBytes } from './plain-values.ts';

/** Columns of a file's rows, in the order in which they are kept. */
export const columnNames = [
  'offset',
  'stored',
  'position',
  'bytes',
  'crc',
  'pageSize',
  'unpacking',
  'label',
] as const;

/**
 * - `offset`, `stored`: in the file, of what must be read for the image;
 * - `position`, `bytes`: of the image, in what that unpacks to;
 * - `crc`: the image's;
 * - `pageSize`: of a page that must be unpacked whole, its size then;
 * - `unpacking`: a number of `unpackings`; -1 where there is no image;
 * - `label`: -1 where there is none.
 */
type RowColumns = Readonly<Record<(typeof columnNames)[number], NumberColumn>>;

/** What is known of a file when it has been listed. */
export interface RowIndex extends RowColumns {
  readonly length: number;
  /** What the file's labels are: texts, numbers, or numbers with names. */
  readonly kind: 'texts' | 'numbers' | 'named';
  /** Of texts, in the order in which they came. */
  readonly classes: readonly string[];
  /** Of a column of lists, those of each row, as the file has them; `label` is then the first. */
  readonly lists?: NumberLists;
  /** Of the images, where all have one. */
  readonly names: TextColumn | undefined;
}

/** Columns of where images are, as they are found. */
export class ImageColumns {
  readonly offset = new NumberColumn();
  readonly stored = new NumberColumn();
  readonly position = new NumberColumn();
  readonly bytes = new NumberColumn();
  readonly crc = new NumberColumn();
  readonly pageSize = new NumberColumn();
  readonly unpacking = new NumberColumn();

  get length(): number {
    return this.offset.length;
  }

  /** @param image undefined where the row has none */
  push(image: ImageBytes | undefined): void {
    this.offset.push(image?.offset ?? 0);
    this.stored.push(image?.stored ?? 0);
    this.position.push(image?.position ?? 0);
    this.bytes.push(image?.length ?? 0);
    this.crc.push(image?.crc ?? 0);
    this.pageSize.push(image?.pageSize ?? 0);
    this.unpacking.push(image === undefined ? -1 : unpackings.indexOf(image.unpacking));
  }
}
