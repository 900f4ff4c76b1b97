import { type Database, open, type RootDatabase } from 'lmdb';
import { DataError } from '../core/errors.ts';
import type { Importer, Progress, StoreDescription } from './metadata.ts';

/** The databases of a store's file. Entries and records are numbered alike, in the dataset's order. */
export interface Environment {
  readonly path: string;
  readonly metadata: MetadataTable;
  readonly entries: Table;
  readonly records: Table;
  /** Runs all of it or, where it throws, nothing. Other processes wait for their turn. */
  transaction<T>(work: () => T): T;
  /** Resolves when all that was written would survive the machine's crash. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

/** Bytes by number, 0 and up. */
interface Table {
  readonly count: number;
  /** Valid until the next `get` of any table; undefined where there is none. */
  get(index: number): Buffer | undefined;
  /** To be called with ascending numbers: pages are then filled to the brim. */
  append(index: number, bytes: Buffer): void;
}

interface MetadataValues {
  readonly description: StoreDescription;
  readonly progress: Progress;
  readonly importer: Importer;
}

interface MetadataTable {
  get<Name extends keyof MetadataValues>(name: Name): MetadataValues[Name] | undefined;
  put<Name extends keyof MetadataValues>(name: Name, value: MetadataValues[Name]): void;
  remove(name: keyof MetadataValues): void;
}

const names = { metadata: 'metadata', entries: 'entries', records: 'records' } as const;

/** Opens the file, made if it is not there unless `readOnly`. Check it by `checkStoreFile` first. */
export function openEnvironment(path: string, { readOnly }: { readonly readOnly: boolean }): Environment {
  const root = open({ path, noSubdir: true, readOnly, maxDbs: 4 });
  const table = (name: string): Database<Buffer, number> =>
    openTable(root, path, { name, encoding: 'binary', keyEncoding: 'uint32' });
  const metadata = openTable<unknown, string>(root, path, { name: names.metadata, encoding: 'json' });
  return {
    path,
    metadata: {
      // biome-ignore lint/suspicious/noExplicitAny: JSON, written by `put` with the type of its name.
      get: (name): any => metadata.get(name),
      put: (name, value) => metadata.putSync(name, value),
      remove: (name) => void metadata.removeSync(name),
    },
    entries: toTable(table(names.entries)),
    records: toTable(table(names.records)),
    transaction: (work) => root.transactionSync(work),
    flushed: async () => void (await root.flushed),
    close: () => root.close(),
  };
}

function openTable<V, K extends string | number>(
  root: RootDatabase,
  path: string,
  options: { name: string; encoding: 'binary' | 'json'; keyEncoding?: 'uint32' },
): Database<V, K> {
  // undefined where it is not there and cannot be made
  const database = root.openDB<V, K>(options) as Database<V, K> | undefined;
  if (database !== undefined) return database;
  throw new DataError('NOT_A_STORE', `${path}: an LMDB file, but not a store that millrace import made`);
}

function toTable(database: Database<Buffer, number>): Table {
  return {
    get count() {
      return (database.getStats() as { entryCount: number }).entryCount;
    },
    get(index) {
      // lmdb hands out a larger buffer whose length it overwrites: a plain view of the value's bytes
      const bytes = database.getBinaryFast(index);
      return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    append: (index, bytes) => database.putSync(index, bytes, { append: true }),
  };
}
