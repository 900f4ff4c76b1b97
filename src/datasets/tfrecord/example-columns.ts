import type { LabelFault } from '../tar/sample-label.ts';
import type { ReadRecord } from './read-record.ts';
import type { RecordFrame } from './record-frames.ts';
import type { TfRecordLocator } from './tf-record-reader.ts';

/** Where each of millions of samples is: a few numbers, and the name of its file where it has one. */
export class ExampleColumns {
  readonly #fileNames: string[] = [];
  readonly #shards: number[] = [];
  readonly #records: number[] = [];
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];
  readonly #imageOffsets: number[] = [];
  readonly #imageLengths: number[] = [];

  get length(): number {
    return this.#starts.length;
  }

  add({ image, fileName }: ReadRecord, { record, start, end }: RecordFrame, shard: number): void {
    if (fileName !== undefined) this.#fileNames.push(fileName);
    this.#shards.push(shard);
    this.#records.push(record);
    this.#starts.push(start);
    this.#lengths.push(end - start);
    this.#imageOffsets.push(image.start - start);
    this.#imageLengths.push(image.end - image.start);
  }

  /** The names of the files, where each sample has one that no other has. */
  names(): readonly string[] | undefined {
    const isNamed = this.#fileNames.length === this.length && new Set(this.#fileNames).size === this.length;
    return isNamed ? this.#fileNames : undefined;
  }

  locator(index: number, fault: LabelFault | undefined): TfRecordLocator {
    return {
      shard: this.#shards[index] as number,
      record: this.#records[index] as number,
      start: this.#starts[index] as number,
      length: this.#lengths[index] as number,
      imageOffset: this.#imageOffsets[index] as number,
      imageLength: this.#imageLengths[index] as number,
      ...(fault && { fault }),
    };
  }

  imageLength(index: number): number {
    return this.#imageLengths[index] as number;
  }
}
