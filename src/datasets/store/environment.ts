import { createRequire } from 'node:module';
import type { Database, RootDatabase } from 'lmdb';
import { DataError, MillraceError, reasonOf } from '../../core/errors.ts';
import { checkFormat, type Importer, type ImportProgress, type StoreDescription } from './metadata.ts';
import { checkRoomForLock } from './room.ts';

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
  /** Valid until the next `get` of any store on this thread; undefined where there is none. */
  get(index: number): Buffer | undefined;
  /** To be called with ascending numbers: pages are then filled to the brim. */
  append(index: number, bytes: Buffer): void;
}

interface MetadataValues {
  readonly description: StoreDescription;
  readonly progress: ImportProgress;
  readonly importer: Importer;
}

interface MetadataTable {
  get<Name extends keyof MetadataValues>(name: Name): MetadataValues[Name] | undefined;
  put<Name extends keyof MetadataValues>(name: Name, value: MetadataValues[Name]): void;
  remove(name: keyof MetadataValues): void;
}

/** Loaded with the first store: it takes 25 ms. At once, as `store()` is no promise. */
const loadLmdb = (): typeof import('lmdb') => createRequire(import.meta.url)('lmdb');

/** Threads of all processes that read at once; a place in the lock takes 64 bytes. */
const MAX_READERS = 1024;

const names = { metadata: 'metadata', entries: 'entries', records: 'records' } as const;

/**
 * Opens the file, made if it is not there unless `readOnly`. Check it by `checkStoreFile` first. Throws DataError where
 * it is not a store, or of a newer format.
 */
export function openEnvironment(path: string, { readOnly }: { readonly readOnly: boolean }): Environment {
  if (readOnly) checkRoomForLock(path);
  let root: RootDatabase | undefined;
  try {
    root = loadLmdb().open({ path, noSubdir: true, readOnly, maxDbs: 4, maxReaders: MAX_READERS });
    return openTables(root, path);
  } catch (cause) {
    closeQuietly(root);
    if (cause instanceof MillraceError) throw cause;
    const what = readOnly ? 'opened' : 'opened for writing (is it being read in this process?)';
    throw new DataError('STORE_UNREADABLE', `${path}: cannot be ${what}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

function openTables(root: RootDatabase, path: string): Environment {
  for (const name of root.getKeys()) if (!isTableName(name)) throw notAStore(path);
  const metadata = toMetadata(openTable(root, path, { name: names.metadata, encoding: 'json' }), path);
  // before the tables, which may be others in a newer format
  checkFormat(path, metadata.get('description'));
  const table = (name: string): Table =>
    toTable(openTable(root, path, { name, encoding: 'binary', keyEncoding: 'uint32' }), path);
  return {
    path,
    metadata,
    entries: table(names.entries),
    records: table(names.records),
    transaction: (work) => root.transactionSync(work),
    flushed: async () => void (await root.flushed),
    close: () => root.close(),
  };
}

/** Of a store that is refused: the reason is told already. */
export function closeQuietly(store: { close(): Promise<void> } | undefined): void {
  store?.close().catch(() => {});
}

const isTableName = (key: unknown): boolean => (Object.values(names) as unknown[]).includes(key);

function openTable<V, K extends string | number>(
  root: RootDatabase,
  path: string,
  options: { name: string; encoding: 'binary' | 'json'; keyEncoding?: 'uint32' },
): Database<V, K> {
  // undefined where it is not there and cannot be made
  const database = root.openDB<V, K>(options) as Database<V, K> | undefined;
  if (database === undefined) throw notAStore(path);
  return database;
}

const notAStore = (path: string): DataError =>
  new DataError('NOT_A_STORE', `${path}: an LMDB file, but not a store that millrace import made`);

function toMetadata(database: Database<unknown, string>, path: string): MetadataTable {
  return {
    // biome-ignore lint/suspicious/noExplicitAny: JSON, written by `put` with the type of its name.
    get: (name): any => readable(path, name, () => database.get(name)),
    put: (name, value) => database.putSync(name, value),
    remove: (name) => void database.removeSync(name),
  };
}

function readable<T>(path: string, name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const message = `${path}: its ${name} cannot be read; is the file damaged?`;
    throw new DataError('DAMAGED_STORE', message, { cause });
  }
}

function toTable(database: Database<Buffer, number>, path: string): Table {
  return {
    get count() {
      return (database.getStats() as { entryCount: number }).entryCount;
    },
    get(index) {
      // lmdb hands out a larger buffer whose length it overwrites: a plain view of the value's bytes
      const bytes = readable(path, `sample ${index}`, () => database.getBinaryFast(index));
      return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    append: (index, bytes) => database.putSync(index, bytes, { append: true }),
  };
}
