import { DEFAULT_MAX_PIXELS, type DecodeOptions } from '../../backends/decode/decode.ts';
import type { MarkItem } from '../../backends/threads/thread-task.ts';
import { fromErrorRecord } from '../core/errors.ts';
import { sampleError } from '../core/sample-error.ts';
import { SampleReader } from '../datasets/sample-reader.ts';
import { decodeSource, sourceSize } from '../engine/rows/decode-source.ts';
import type { RecheckResult, RecheckSetup, RecheckTask } from './recheck-task.ts';

/** As `decode()` without parameters. */
const decoding: DecodeOptions = { dct: 'fast', orientation: 'ignore', maxPixels: DEFAULT_MAX_PIXELS };

/** Reads and decodes samples, on one thread. */
export class RecheckRunner {
  readonly #reader: SampleReader;

  private constructor(reader: SampleReader) {
    this.#reader = reader;
  }

  static async open({ reader }: RecheckSetup): Promise<RecheckRunner> {
    return new RecheckRunner(await SampleReader.open(reader));
  }

  announce(task: RecheckTask): void {
    this.#reader.prefetch([task]);
  }

  async run(task: RecheckTask, mark: MarkItem): Promise<RecheckResult> {
    mark(0);
    try {
      const source = await this.#reader.read(task);
      // refuses what is too large before it is decoded
      sourceSize(source, decoding);
      await decodeSource(source, decoding);
      return undefined;
    } catch (error) {
      const failure = sampleError(error, task);
      // a package that is missing, or a fault in the reader's code, is none of the sample
      if (failure.class !== 'DataError') throw fromErrorRecord(failure);
      return failure;
    }
  }
}
