import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DataError, MillraceError, OutputError, reasonOf } from '../../core/errors.ts';
import { makeFolder } from '../../core/make-folder.ts';
import { type Environment, openEnvironment } from './environment.ts';
import { ImporterLock } from './importer-lock.ts';
import { countLabels, type ImportProgress, noProgress, type StoreDescription } from './metadata.ts';
import { type Entry, encodeEntry, type RecordKind } from './record.ts';
import { checkRoomForStore, diskFull, isFull, writeFailed } from './room.ts';
import { checkStoreFile } from './store-file.ts';

/** A sample that is ready to be written. */
export interface NewSample extends Entry {
  readonly record: Buffer;
  readonly kind: RecordKind;
  /** Why it was not cut into intervals. */
  readonly reason?: string;
}

/**
 * Writes samples in the dataset's order, some with each transaction, together with what is known of the whole: a
 * process that is killed leaves the samples of all transactions before, and the next one goes on after them.
 */
export class StoreWriter {
  readonly environment: Environment;
  readonly #description: StoreDescription;
  readonly #lock: ImporterLock;
  #progress: ImportProgress;

  private constructor(environment: Environment, description: StoreDescription) {
    this.environment = environment;
    this.#description = description;
    let progress = noProgress(description.classes.length);
    this.#lock = environment.transaction(() => {
      const lock = new ImporterLock(environment);
      const found = environment.metadata.get('description');
      if (found === undefined) environment.metadata.put('description', description);
      else checkSameImport(environment.path, found, description);
      progress = environment.metadata.get('progress') ?? progress;
      environment.metadata.put('progress', progress);
      return lock;
    });
    this.#progress = progress;
  }

  /** Makes the store, or opens it to go on with the same import. */
  static async open(path: string, description: StoreDescription): Promise<StoreWriter> {
    checkTarget(path);
    const environment = openEnvironment(path, { readOnly: false });
    try {
      return new StoreWriter(environment, description);
    } catch (cause) {
      await environment.close();
      throw cause instanceof MillraceError ? cause : writeFailed(path, cause);
    }
  }

  get progress(): ImportProgress {
    return this.#progress;
  }

  /** Writes all of these samples or, where it throws, none. */
  append(samples: readonly NewSample[]): void {
    const progress = withSamples(this.#progress, samples);
    const { entries, records, path } = this.environment;
    // LMDB would find out only when the disk is full to the last byte
    const bytes = progress.bytesAfter - this.#progress.bytesAfter;
    if (isFull(path, 2 * bytes + SPARE_BYTES)) throw this.#failed(diskFull(path));
    this.#write(progress, () => {
      for (const [i, sample] of samples.entries()) {
        entries.append(this.#progress.imported + i, encodeEntry(sample));
        records.append(this.#progress.imported + i, sample.record);
      }
    });
  }

  /** To be called now and then while nothing is written, so that nobody takes this importer for gone. */
  renewLock(): void {
    this.#inTransaction(() => this.#lock.renew());
  }

  /** Marks the store as complete. */
  async finish(digest: string): Promise<void> {
    this.#write({ ...this.#progress, digest }, () => {});
    await this.environment.flushed();
  }

  async close(): Promise<void> {
    try {
      this.environment.transaction(() => this.#lock.release());
    } catch {
      // a full disk: the name of a process that is gone holds nobody up
    }
    await this.environment.close();
  }

  #write(progress: ImportProgress, work: () => void): void {
    this.#inTransaction(() => {
      this.#lock.renew();
      work();
      this.environment.metadata.put('progress', progress);
    });
    this.#progress = progress;
  }

  #inTransaction(work: () => void): void {
    try {
      this.environment.transaction(work);
    } catch (cause) {
      if (cause instanceof MillraceError) throw cause;
      throw this.#failed(writeFailed(this.environment.path, cause));
    }
  }

  /** With what is safe, and how to go on. */
  #failed({ code, message, cause }: OutputError): OutputError {
    const { imported } = this.#progress;
    const there = `${imported} of ${this.#description.length} samples are in it`;
    return new OutputError(code, `${message}; ${there}: run the same command again to continue`, { cause });
  }
}

function withSamples(progress: ImportProgress, samples: readonly NewSample[]): ImportProgress {
  const kinds = { ...progress.kinds };
  const classCounts = [...progress.classCounts];
  const reasons: Record<string, number> = { ...progress.reasons };
  let { imported, bytesBefore, bytesAfter } = progress;
  for (const { kind, byteLength, record, reason, ...of } of samples) {
    countLabels(classCounts, of);
    kinds[kind]++;
    if (reason !== undefined) reasons[reason] = (reasons[reason] ?? 0) + 1;
    imported++;
    bytesBefore += byteLength;
    bytesAfter += record.length;
  }
  return { imported, kinds, classCounts, bytesBefore, bytesAfter, reasons };
}

function makeFolderOf(path: string, folder: string): void {
  try {
    makeFolder(folder);
  } catch (cause) {
    const reason = `the folder ${folder} cannot be made: ${reasonOf(cause)}`;
    throw new OutputError('MISSING_FOLDER', `${path}: ${reason}`, { cause });
  }
}

/** A target that cannot be written is told before any work is done. */
function checkTarget(path: string): void {
  const folder = dirname(resolve(path));
  makeFolderOf(path, folder);
  const exists = existsSync(path);
  if (exists && statSync(path).isDirectory())
    throw new DataError('NOT_A_STORE', `${path}: is a folder; name a file to be made, such as ${path}.lmdb`);
  for (const place of exists ? [path, folder] : [folder]) {
    try {
      accessSync(place, constants.W_OK);
    } catch (cause) {
      const reason = `${place} cannot be written: ${reasonOf(cause)}`;
      throw new OutputError('STORE_READ_ONLY', `${path}: ${reason}`, { cause });
    }
  }
  // an importer that was killed at once leaves an empty file
  if (exists && statSync(path).size > 0) checkStoreFile(path);
  checkRoomForStore(path);
}

function checkSameImport(path: string, found: StoreDescription, wanted: StoreDescription): void {
  const { source: _found, ...there } = found;
  const { source: _wanted, ...here } = wanted;
  const name = (Object.keys({ ...there, ...here }) as (keyof typeof here)[]).find(
    (key) => !isDeepStrictEqual(there[key], here[key]),
  );
  if (name === undefined) return;
  throw otherDataset(path, `${name}: ${shown(there[name])} in the store, ${shown(here[name])} now`);
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'none';
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
};

/** For a store that cannot be the result of this import, begun earlier. */
export const otherDataset = (path: string, difference: string): DataError =>
  new DataError(
    'STORE_EXISTS',
    `${path}: is of another dataset or other options (${difference}); give another name, or remove it first`,
  );

/** Beside the records, for the pages that lead to them. */
const SPARE_BYTES = 2 ** 18;
