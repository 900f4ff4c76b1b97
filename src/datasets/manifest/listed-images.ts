import { existsSync } from 'node:fs';
import { isAbsolute, posix } from 'node:path';
import { DataError } from '../../core/errors.ts';
import type { RemoteOptions } from '../../remote/remote-files.ts';
import { NumberColumn } from '../columns/number-column.ts';
import { TextColumn } from '../columns/text-column.ts';
import { TextPlaces } from '../columns/text-places.ts';
import type { Dataset } from '../dataset.ts';
import { fileLength } from '../folder/file-length.ts';
import type { FileReaderOptions } from '../folder/file-reader.ts';
import { type FilePath, pathIn, pathInWords, systemPath, writtenPath } from '../opening/file-path.ts';
import type { ListFormat } from '../opening/kept-list.ts';
import type { Listing } from '../opening/listing.ts';
import { type SourcePath, sourceName } from '../opening/source-path.ts';
import type { LabelFault } from '../tar/sample-label.ts';
import { type TarMember, tarMembers } from '../tar/tar-members.ts';
import type { TarLocator, TarReaderOptions } from '../tar/tar-reader.ts';
import type { ListedKeys } from './list-manifest.ts';

/** Where the images are that a manifest lists. */
export interface ListedImages {
  isThere(index: number): boolean | Promise<boolean>;
  readonly source: Pick<Dataset, 'locator' | 'place' | 'byteLength' | 'reader'>;
}

/** Whether files are there is not asked when they are listed. */
export const missing = 'cannot be read: no such file, which the list names';

/** Files in a folder, or where their absolute paths say. */
export function folderImages(root: string, keys: ListedKeys): ListedImages {
  const file = (index: number): FilePath => {
    const key = keys.at(index);
    if (!isAbsolute(key)) return pathIn(root, key);
    return key.includes('\\x') ? writtenPath(key) : key;
  };
  return {
    isThere: (index) => existsSync(systemPath(file(index))),
    source: {
      locator: file,
      place: (index) => ({ path: pathInWords(file(index)) }),
      byteLength: (index) => fileLength(file(index), keys.at(index), missing),
      reader: {
        module: new URL('../folder/file-reader.js', import.meta.url).href,
        options: { missing } satisfies FileReaderOptions,
      },
    },
  };
}

const memberList: ListFormat<TarMember, [string, boolean, number, number]> = {
  name: 'members 1',
  parse: tarMembers,
  pack: ({ name, isFile, offset, length }) => [name, isFile, offset, length],
  unpack: ([name, isFile, offset, length]) => ({ name, isFile, offset, length }),
};

/** Members of a tar, which are read in place. */
export async function tarImages(
  tar: SourcePath,
  keys: ListedKeys,
  listing: Listing,
  remote: RemoteOptions,
): Promise<ListedImages> {
  const path = sourceName(tar);
  const { members, offsets, lengths } = await membersOf(tar, keys, listing);
  const at = (index: number) => {
    const member = members.at(index);
    return member === -1 ? undefined : { offset: offsets.at(member), length: lengths.at(member) };
  };
  const fault = (index: number): LabelFault => ({
    code: 'MISSING_FILE',
    message: `${keys.at(index)}: no such file in the tar`,
  });
  return {
    isThere: (index) => at(index) !== undefined,
    source: {
      locator: (index): TarLocator => {
        const { offset, length } = at(index) ?? { offset: 0, length: -1 };
        return length === -1 ? [0, 0, 0, fault(index)] : [0, offset, length];
      },
      place: (index) => ({ path, offset: at(index)?.offset ?? 0 }),
      byteLength: async (index) => {
        const member = at(index);
        if (member !== undefined) return member.length;
        const { code, message } = fault(index);
        throw new DataError(code, `${path}: ${message}`, { sample: keys.at(index) });
      },
      reader: {
        module: new URL('../tar/tar-reader.js', import.meta.url).href,
        options: { paths: [tar], remote } satisfies TarReaderOptions,
      },
    },
  };
}

/** Where the members of a tar are, and the number of each key's among them; -1 where it is not there. */
async function membersOf(tar: SourcePath, keys: ListedKeys, listing: Listing) {
  const [names, offsets, lengths] = [new TextColumn(), new NumberColumn(), new NumberColumn()];
  for await (const found of listing.items([tar], memberList))
    for (const { name, isFile, offset, length } of found)
      if (isFile) {
        names.push(posix.normalize(name));
        offsets.push(offset);
        lengths.push(length);
      }
  const places = new TextPlaces(names);
  const members = new NumberColumn();
  for (let index = 0; index < keys.length; index++) members.push(places.placeOf(keys.at(index)) ?? -1);
  return { members, offsets, lengths };
}
