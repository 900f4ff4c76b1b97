import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { isSystemError, MillraceError } from '../core/errors.ts';
import { type Plugin, pluginError } from '../core/plugin.ts';
import { openReader, type Reader, type ReaderDescription, type Source, sourceInWords } from './dataset.ts';
import { readError } from './pieces/read-fully.ts';

/** What is asked of a reader. */
export interface WantedSample {
  readonly key: string;
  readonly locator: unknown;
}

/** A reader, which a user may have written: tells samples that cannot be read from faults in its code. */
export class SampleReader {
  readonly #reader: Reader;
  readonly #plugin: Plugin;
  /** What asking for them in advance has thrown. */
  readonly #failures = new WeakMap<WantedSample, { readonly cause: unknown }>();

  private constructor(reader: Reader, name: string) {
    this.#reader = reader;
    this.#plugin = { kind: 'reader', name };
  }

  static async open(description: ReaderDescription): Promise<SampleReader> {
    const { module } = description;
    const name = module.startsWith('file:') ? fileURLToPath(module) : module;
    return new SampleReader(await openReader(description), name);
  }

  /** Says which samples are read soon, by the same objects. What goes wrong is an error of their `read`. */
  prefetch(samples: readonly WantedSample[]): void {
    const reader = this.#reader;
    if (reader.prefetch === undefined) return;
    const fail = (cause: unknown): void => {
      for (const sample of samples) this.#failures.set(sample, { cause });
    };
    try {
      const begun: unknown = reader.prefetch(samples.map(({ locator }) => locator));
      // it should give nothing, but may have been written as an async function
      if (begun instanceof Promise) begun.catch(fail);
    } catch (cause) {
      fail(cause);
    }
  }

  /** Not always a promise: waiting would cost each sample a turn. */
  read(sample: WantedSample): Source | Promise<Source> {
    const fail = (cause: unknown): never => {
      throw this.#errorOf(cause, sample);
    };
    const failed = this.#failures.get(sample);
    if (failed !== undefined) return fail(failed.cause);
    try {
      const source = this.#reader.read(sample.locator);
      if (!(source instanceof Promise)) return checkSource(source);
      return source.then(checkSource).catch(fail);
    } catch (cause) {
      return fail(cause);
    }
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  /** What the system says is of the sample's file, unless the reader says it otherwise. */
  #errorOf(cause: unknown, { key }: WantedSample): MillraceError {
    if (cause instanceof MillraceError) return cause;
    if (isSystemError(cause)) return readError(cause, 'cannot be read: no such file');
    return pluginError(this.#plugin, cause, { sample: key });
  }
}

/** An image of the wrong length is the sample's fault; a reader that gives no image at all has one of its own. */
function checkSource(source: Source): Source {
  if (Buffer.isBuffer(source)) return source;
  if (source instanceof Object && ('intervalEnds' in source || 'data' in source)) return source;
  const got = inspect(source, { depth: 0, maxArrayLength: 0 });
  throw new TypeError(`read must give ${sourceInWords}, got ${got}`);
}
