import { DEFAULT_MAX_PIXELS, type DecodeOptions } from '../../backends/decode/decode.ts';
import type { MarkItem } from '../../backends/threads/thread-task.ts';
import { openReader, type Reader } from '../datasets/dataset.ts';
import { decodeSource, sourceSize } from '../engine/rows/decode-source.ts';
import { rowError } from '../engine/rows/row-error.ts';
import type { RecheckResult, RecheckSetup, RecheckTask } from './recheck-task.ts';

/** As `decode()` without parameters. */
const decoding: DecodeOptions = { dct: 'fast', orientation: 'ignore', maxPixels: DEFAULT_MAX_PIXELS };

/** Reads and decodes samples, on one thread. */
export class RecheckRunner {
  readonly #reader: Reader;

  private constructor(reader: Reader) {
    this.#reader = reader;
  }

  static async open({ reader }: RecheckSetup): Promise<RecheckRunner> {
    return new RecheckRunner(await openReader(reader));
  }

  async run(task: RecheckTask, mark: MarkItem): Promise<RecheckResult> {
    mark(0);
    try {
      const source = await this.#reader.read(task.locator);
      // refuses what is too large before it is decoded
      sourceSize(source, decoding);
      await decodeSource(source, decoding);
      return undefined;
    } catch (error) {
      const failure = rowError(error, task);
      // a package that is missing is no fault of the sample
      if (failure.class !== 'DataError') throw error;
      return failure;
    }
  }
}
