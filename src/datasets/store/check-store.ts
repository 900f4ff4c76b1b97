import { setImmediate as nextTurn } from 'node:timers/promises';
import { DataError } from '../../core/errors.ts';
import { DatasetHash } from '../dataset.ts';
import { countLabels } from './metadata.ts';
import { decodeEntry, type Entry, RecordDecoder } from './record.ts';
import { type OpenStore, storeVariant } from './store.ts';

/** Something that is not as it was written. */
export interface Damage {
  /** The sample's key; its number where the key is lost; 'store' for what concerns the whole. */
  readonly sample: string;
  readonly reason: string;
}

const CHECKS_A_TURN = 256;

/** Checks every record of a store, and what the store says of them all. Yields what is damaged. */
export async function* verifyStore(
  { entries, records, progress, description }: OpenStore,
  onProgress: (checked: number) => void = () => {},
): AsyncGenerator<Damage> {
  const hash = new DatasetHash();
  const decoder = new RecordDecoder();
  const classCounts = new Array<number>(progress.classCounts.length).fill(0);
  for (const [name, table] of Object.entries({ entries, records }))
    if (table.count !== progress.imported)
      yield { sample: 'store', reason: `${table.count} ${name}, ${progress.imported} were imported` };
  for (let index = 0; index < progress.imported; index++) {
    if (index % CHECKS_A_TURN === 0) {
      onProgress(index);
      await nextTurn();
    }
    let entry: Entry | undefined;
    const reason = faultOf(() => {
      entry = decodeEntry(required(entries.get(index), 'entry'), description.hasLabelLists);
      const { label } = decoder.decode(required(records.get(index), 'record'));
      if (label !== entry.label)
        throw new DataError('DAMAGED_RECORD', `label ${label} in its record, ${entry.label} in its entry`);
    });
    if (reason !== undefined) yield { sample: entry?.key ?? `sample ${index}`, reason };
    if (entry === undefined) continue;
    hash.add(entry);
    countLabels(classCounts, entry);
  }
  onProgress(progress.imported);
  if (classCounts.some((count, place) => count !== progress.classCounts[place]))
    yield { sample: 'store', reason: 'the samples of the classes are not as many as were imported' };
  if (progress.digest !== undefined && hash.digest(storeVariant(description)) !== progress.digest)
    yield { sample: 'store', reason: 'keys, labels and lengths do not give the digest of the dataset' };
}

function required(bytes: Buffer | undefined, what: string): Buffer {
  if (bytes === undefined) throw new DataError('DAMAGED_STORE', `has no ${what}`);
  return bytes;
}

/** What a check says is wrong; undefined where it finds nothing. */
function faultOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof DataError) return error.message;
    throw error;
  }
}
