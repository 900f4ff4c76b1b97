import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { placesOf, rowsOf } from '../../../../src/datasets/parquet/kept-index.ts';
import { parquet } from '../../../../src/datasets/parquet/parquet.ts';
import { columnNames, type RowIndex } from '../../../../src/datasets/parquet/row-index.ts';
import { folderOf } from '../../../support/folders.ts';
import { imagesOf, parquetBytes, parquetFile } from '../../../support/parquet.ts';

/** When all these files were changed last: of whole seconds, so that it can be set again. */
const CHANGED = 1_700_000_000;

function writeAsOf(path: string, bytes: Uint8Array, seconds = CHANGED): void {
  writeFileSync(path, bytes);
  utimesSync(path, seconds, seconds);
}

/** A file that has been listed, and where its index is. */
async function listed(name: string) {
  const path = parquetFile(name);
  writeAsOf(path, parquetBytes(name));
  return { path, rows: await rowsOf(path, {}), place: placesOf(path, {})[0] as string };
}

/** Bytes of which one differs. */
const withChange = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed.writeUInt8((bytes[at] as number) ^ 1, at);
  return changed;
};

/** An index's columns as lists: what is in them is compared, not how they keep it. */
function plain(index: RowIndex) {
  const columns = columnNames.map((name) => [name, [...index[name]]]);
  const { kind, classes, names, lists, length } = index;
  const listed = lists && Array.from({ length }, (_, row) => lists.at(row));
  return { length, kind, classes, lists: listed, names: names && [...names], ...Object.fromEntries(columns) };
}

const isKept = async (path: string): Promise<boolean> => {
  const place = placesOf(path, {})[0] as string;
  const { ino } = statSync(place);
  await rowsOf(path, {});
  return statSync(place).ino === ino;
};

describe('the index of a Parquet file', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('is kept beside the file, with nothing else, and the file is not listed again', async () => {
    const { path, rows } = await listed('groups of 5');
    expect(readdirSync(dirname(path)).sort()).toEqual(['x.parquet', 'x.parquet.millrace']);
    // the file as it was, but for an image: listing would see another checksum
    writeAsOf(path, withChange(parquetBytes('groups of 5'), 1000));
    expect(plain(await rowsOf(path, {}))).toEqual(plain(rows));
    expect(await isKept(path)).toBe(true);
  });

  it.each<[string, (path: string, place: string) => void]>([
    ['the time of the file', (path) => writeAsOf(path, readFileSync(path), CHANGED + 1)],
    ['the length of the file', (path) => writeAsOf(path, parquetBytes('not compressed'))],
    [
      'what the end of the file says',
      (path) =>
        writeAsOf(path, withChange(readFileSync(path), readFileSync(path).lastIndexOf('parquet-cpp'))),
    ],
    ['a byte of the index', (_, place) => writeFileSync(place, withChange(readFileSync(place), 300))],
    ['the version of the index', (_, place) => writeFileSync(place, withChange(readFileSync(place), 14))],
    ['the end of the index', (_, place) => writeFileSync(place, readFileSync(place).subarray(0, -1))],
    ['all of the index', (_, place) => writeFileSync(place, '')],
    [
      'the file that it is of',
      async (path) => {
        const other = readFileSync((await listed('texts')).place);
        writeFileSync(placesOf(path, {})[0] as string, other);
      },
    ],
  ])('is made anew where this has changed: %s', async (_, change) => {
    const { path, place } = await listed('groups of 5');
    await change(path, place);
    expect(await isKept(path)).toBe(false);
    expect(await isKept(path)).toBe(true);
  });

  it('is kept for each choice of columns', async () => {
    const { path, rows } = await listed('two labels');
    const coarse = await rowsOf(path, { labelColumn: 'coarse' });
    expect(plain(coarse)['label']).not.toEqual(plain(rows)['label']);
    expect(plain(await rowsOf(path, {}))).toEqual(plain(rows));
    expect(plain(await rowsOf(path, { labelColumn: 'coarse' }))).toEqual(plain(coarse));
    expect(readdirSync(dirname(path))).toHaveLength(3);
  });

  it("is kept in the user's cache where the folder of the data takes no file", async () => {
    const cache = folderOf();
    vi.stubEnv('XDG_CACHE_HOME', cache);
    const path = parquetFile('groups of 5');
    const [beside, cached] = placesOf(path, {}) as [string, string];
    // a folder of that name is as good as one that is not writable, of which root knows none
    mkdirSync(join(beside, 'taken'), { recursive: true });
    const rows = await rowsOf(path, {});
    expect(dirname(cached)).toBe(join(cache, 'millrace', 'parquet'));
    expect(readdirSync(dirname(path)).sort()).toEqual(['x.parquet', 'x.parquet.millrace']);
    const { ino } = statSync(cached);
    expect(plain(await rowsOf(path, {}))).toEqual(plain(rows));
    expect(statSync(cached).ino).toBe(ino);
  });

  it('is not needed: where it can be kept nowhere, the file is listed each time', async () => {
    const file = join(folderOf({ file: '' }), 'file');
    vi.stubEnv('XDG_CACHE_HOME', file);
    const path = parquetFile('groups of 5');
    mkdirSync(join(placesOf(path, {})[0] as string, 'taken'), { recursive: true });
    expect(plain(await rowsOf(path, {}))).toEqual(plain(await rowsOf(path, {})));
  });

  it('is whole when several threads make it at once', async () => {
    const path = parquetFile('groups of 5');
    const module = new URL('../../../../src/datasets/parquet/kept-index.js', import.meta.url).href;
    const code = `import('${module}').then(async ({ rowsOf }) => {
      for (let i = 0; i < 5; i++) await rowsOf(${JSON.stringify(path)}, {});
    })`;
    const threads = [1, 2, 3].map(() => new Worker(code, { eval: true }));
    const codes = threads.map((thread) => new Promise((resolve) => thread.once('exit', resolve)));
    expect(await Promise.all(codes)).toEqual([0, 0, 0]);
    expect(readdirSync(dirname(path)).sort()).toEqual(['x.parquet', 'x.parquet.millrace']);
    expect(await isKept(path)).toBe(true);
  });

  it.each(['groups of 5', 'images plain', 'zstd', 'version 2, plain'])(
    'tells each changed byte of an image by file and row: %s',
    async (name) => {
      const { path, rows } = await listed(name);
      const expected = await imagesOf(await parquet(path));
      const end = rows.offset.at(rows.length - 1) + rows.stored.at(rows.length - 1);
      const bytes = parquetBytes(name);
      const told = new Set<number>();
      for (let at = 4; at < end; at += Math.ceil(end / 40)) {
        writeAsOf(path, withChange(bytes, at));
        for (const [row, image] of (await imagesOf(await parquet(path))).entries()) {
          if (typeof image !== 'string') expect(image.equals(expected[row] as Buffer)).toBe(true);
          else {
            expect(image).toMatch(new RegExp(`^${path}: row ${row}: .*damaged, or another one`));
            told.add(at);
          }
        }
      }
      // other bytes are of headers, which nobody reads again, or copy the same from another place
      expect(told.size).toBeGreaterThan(15);
    },
  );
});
