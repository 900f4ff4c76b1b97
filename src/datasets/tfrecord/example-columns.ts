import { equalTexts } from '../columns/equal-texts.ts';
import { NumberColumn } from '../columns/number-column.ts';
import { RunColumn } from '../columns/run-column.ts';
import { TextColumn } from '../columns/text-column.ts';
import type { LabelFault } from '../tar/sample-label.ts';
import type { ReadRecord } from './read-record.ts';
import type { RecordFrame } from './record-frames.ts';
import type { TfRecordLocator } from './tf-record-reader.ts';

/** Where each of millions of samples is: a few numbers, and the name of its file where it has one. */
export class ExampleColumns {
  readonly #fileNames = new TextColumn();
  readonly #shards = new RunColumn();
  readonly #starts = new NumberColumn();
  readonly #lengths = new NumberColumn();
  readonly #imageOffsets = new NumberColumn();
  readonly #imageLengths = new NumberColumn();

  get length(): number {
    return this.#starts.length;
  }

  /** The records of a file come one after the other, all of them. */
  add({ image, fileName }: ReadRecord, { start, end }: RecordFrame, shard: number): void {
    if (fileName !== undefined) this.#fileNames.push(fileName);
    this.#shards.push(shard);
    this.#starts.push(start);
    this.#lengths.push(end - start);
    this.#imageOffsets.push(image.start - start);
    this.#imageLengths.push(image.end - image.start);
  }

  /** The names of the files, where each sample has one that no other has. */
  names(): TextColumn | undefined {
    const names = this.#fileNames;
    if (names.length !== this.length) return undefined;
    return equalTexts(names.length, (index) => names.at(index)) === undefined ? names : undefined;
  }

  locator(index: number, fault: LabelFault | undefined): TfRecordLocator {
    return {
      shard: this.#shards.at(index),
      record: index - this.#shards.startAt(index),
      start: this.#starts.at(index),
      length: this.#lengths.at(index),
      imageOffset: this.#imageOffsets.at(index),
      imageLength: this.#imageLengths.at(index),
      ...(fault && { fault }),
    };
  }

  imageLength(index: number): number {
    return this.#imageLengths.at(index);
  }
}
