import { DataError } from '../../core/errors.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { splitNamed } from '../opening/split.ts';
import { closeQuietly, type Environment, openEnvironment } from './environment.ts';
import type { ImportProgress, StoreDescription } from './metadata.ts';
import { decodeEntry, type Entry } from './record.ts';
import { checkStoreFile } from './store-file.ts';

export interface StoreOptions {
  /** Take what is there of a store whose import was not finished. Default false: an error. */
  readonly allowIncomplete?: boolean;
}

/**
 * The samples of a store that `millrace import` made. Nothing is loaded: keys and labels are read when they are asked
 * for, so memory does not grow with the number of samples.
 */
export function store(path: string, { allowIncomplete = false }: StoreOptions = {}): Dataset {
  const { entries, description, progress, close } = openStore(path);
  const { classes, length } = description;
  const { imported, digest } = progress;
  if (digest === undefined && !allowIncomplete) {
    closeQuietly({ close });
    throw new DataError(
      'STORE_INCOMPLETE',
      `${path}: ${imported} of ${length} samples are imported; run millrace import ${description.source} ${path} ` +
        'again to complete it',
    );
  }
  const { hasLabelLists } = description;
  const entry = entryReader(entries, path, hasLabelLists);
  const variant = storeVariant(description);
  return defineDataset({
    name: `store(${path})`,
    ...splitNamed(path),
    length: imported,
    classes,
    key: (index) => entry(index).key,
    label: (index) => entry(index).label,
    ...(hasLabelLists && { labels: (index: number) => entry(index).labels ?? [] }),
    locator: (index) => index,
    place: (index) => ({ path, record: index }),
    byteLength: async (index) => entry(index).byteLength,
    ...(variant !== undefined && { variant }),
    reader: { module: new URL('./store-reader.js', import.meta.url).href, options: { path } },
  });
}

/** Everything about an existing store; throws DataError where there is none. */
export interface OpenStore extends Environment {
  readonly description: StoreDescription;
  readonly progress: ImportProgress;
}

export function openStore(path: string): OpenStore {
  if (!checkStoreFile(path)) throw new DataError('MISSING_STORE', `${path}: no such file`);
  const environment = openEnvironment(path, { readOnly: true });
  const description = environment.metadata.get('description');
  const progress = environment.metadata.get('progress');
  if (description !== undefined && progress !== undefined) return { ...environment, description, progress };
  closeQuietly(environment);
  throw new DataError('STORE_INCOMPLETE', `${path}: its import ended as it began; run millrace import again`);
}

/** In what the store's images differ from the first source's; undefined where they do not. */
export function storeVariant({ reduction, sourceVariant }: StoreDescription): string | undefined {
  const own = reduction && `longer sides made ${reduction.maxSide} pixels, quality ${reduction.quality}`;
  return [sourceVariant, own].filter((text) => text !== undefined).join('; ') || undefined;
}

/** Entries by index; the latest is kept, since key and label of a sample are asked for one after the other. */
export function entryReader(
  entries: Environment['entries'],
  path: string,
  hasLabelLists = false,
): (index: number) => Entry {
  let latest = -1;
  let entry: Entry;
  return (index) => {
    if (index === latest) return entry;
    const bytes = entries.get(index);
    if (bytes === undefined)
      throw new DataError('DAMAGED_STORE', `${path}: sample ${index} has no entry; is the file damaged?`);
    entry = decodeEntry(bytes, hasLabelLists);
    latest = index;
    return entry;
  };
}
