import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parquet } from '../../src/datasets/parquet/parquet.ts';
import { folderOf } from '../support/folders.ts';

/** What test/golden/make_parquet_refused_golden.py wrote, by pyarrow. */
const golden: Readonly<Record<string, string>> = JSON.parse(
  readFileSync('test/golden/parquet-refused.json', 'utf8'),
);

function fileOf(...names: readonly string[]): string[] {
  const folder = folderOf();
  return names.map((name, at) => {
    const path = join(folder, `${at}.parquet`);
    writeFileSync(path, Buffer.from(golden[name] as string, 'base64'));
    return path;
  });
}

describe('Parquet files that cannot be used as they are', () => {
  it.each([
    [
      'paths',
      'NO_COLUMN',
      '0.parquet: has no column of images (expected one of {bytes, path}, or a binary one called image or img; imageColumn chooses one; a table of paths is read as a list: write it as .csv); its columns are: image (texts), label (INT64)',
    ],
    [
      'encrypted class',
      'UNSUPPORTED_PARQUET',
      '0.parquet: label in row group 0 is encrypted, which is not read',
    ],
    ['two classes', 'NO_COLUMN', '0.parquet: has several columns called label; its columns are: image.bytes'],
    ['two images', 'NO_COLUMN', '0.parquet: has several columns called image; its columns are: image.bytes'],
    ['many rows', 'TOO_MANY_ROWS', '0.parquet: cannot have images in 100000 rows, as it has '],
  ])('are refused by name: %s', async (name, code, message) => {
    await expect(parquet(fileOf(name))).rejects.toThrow(expect.objectContaining({ code }));
    await expect(parquet(fileOf(name))).rejects.toThrow(message);
  });

  it('are refused by a column of texts that is asked for as that of the images', async () => {
    await expect(parquet(fileOf('paths'), { imageColumn: 'image' })).rejects.toThrow(
      'has no images in the column image (imageColumn); its columns are: image (texts), label (INT64)',
    );
  });

  it('are refused with others whose classes differ by where a comma stands', async () => {
    const [both, same] = [fileOf('names a,b and c', 'names a and b,c'), fileOf('names a and b,c')];
    await expect(parquet(both)).rejects.toThrow(
      /1\.parquet has 3 class names \(a, b,c, d\), and .*0\.parquet has 3 class names \(a,b, c, d\): all files/,
    );
    expect((await parquet(same)).classes).toEqual(['a', 'b,c', 'd']);
  });
});
