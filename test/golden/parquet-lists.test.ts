import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { datasetDigest } from '../../src/datasets/dataset.ts';
import { images } from '../../src/datasets/memory/images.ts';
import { parquet } from '../../src/datasets/parquet/parquet.ts';
import { folderOf } from '../support/folders.ts';
import { imagesOf } from '../support/parquet.ts';

/** What test/golden/make_parquet_lists_golden.py wrote, by pyarrow and by datasets: one table in many layouts. */
const golden: {
  readonly classes: readonly string[];
  readonly labels: readonly number[][];
  /** With a class that is twice in a list. */
  readonly twice: string;
  readonly files: Readonly<Record<string, string>>;
} = JSON.parse(readFileSync('test/golden/parquet-lists.json', 'utf8'));

function fileOf(packed: string): string {
  const path = join(folderOf(), 'x.parquet');
  writeFileSync(path, Buffer.from(packed, 'base64'));
  return path;
}

const inMemory = images(
  golden.labels.map((labels, row) => ({ image: Buffer.from(`the image ${row}`), key: `${row}.png`, labels })),
  { classes: golden.classes },
);

describe('columns of lists in Parquet files', () => {
  it.each(Object.entries(golden.files))('are the classes of each row: %s', async (name, packed) => {
    const path = fileOf(packed);
    const classes = /ClassLabel|texts/.test(name) ? undefined : golden.classes;
    // listed, and as it was kept
    for (const dataset of [await parquet(path, { ...(classes && { classes }) }), await parquet(path)]) {
      expect(golden.labels.map((_, row) => dataset.labels?.(row))).toEqual(golden.labels);
      expect(golden.labels.map((_, row) => dataset.label(row))).toEqual(golden.labels.map(([a = -1]) => a));
    }
    const dataset = await parquet(path, { ...(classes && { classes }) });
    expect(dataset.classes).toEqual(golden.classes);
    expect(await datasetDigest(dataset)).toBe(await datasetDigest(inMemory));
    expect((await imagesOf(dataset)).map(String)).toEqual(golden.labels.map((_, row) => `the image ${row}`));
  });

  it('are refused with a class twice, or beside files of single labels', async () => {
    await expect(parquet(fileOf(golden.twice))).rejects.toThrow(
      /row 0: expected each class once, got \[0,0\]/,
    );
    await expect(parquet(fileOf(golden.files['int64'] as string), { classes: ['one'] })).rejects.toThrow(
      /row 0: class 2 has no name \(1 are given/,
    );
  });
});
