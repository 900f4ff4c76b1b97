import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/datasets/parquet/kept-index.ts';
import {
  type Dataset,
  datasetDigest,
  imageFolder,
  parquet,
  pipeline,
  randomResizedCrop,
} from '../../src/index.ts';
import {
  digestsOf,
  farFile,
  goldenFolder,
  imagesOf,
  layouts,
  parquetFile,
  parquetGolden,
} from '../support/parquet.ts';
import { collect } from '../support/streams.ts';

const { samples, classes } = parquetGolden;

describe('Parquet files that pyarrow and datasets wrote', () => {
  it.each(layouts)('give the samples of the folder: %s', async (layout) => {
    const path = parquetFile(layout);
    const expected = await datasetDigest(imageFolder(goldenFolder()));
    // listed, and then as it was kept
    for (const dataset of [await parquet(path), await parquet(path)]) {
      expect(dataset.classes).toEqual(classes);
      expect(samples.map((_, i) => [dataset.key(i), dataset.label(i)])).toEqual(
        samples.map(({ key, label }) => [key, label]),
      );
      expect(await datasetDigest(dataset)).toBe(expected);
    }
    expect(await digestsOf(await parquet(path))).toEqual(samples.map(({ sha256 }) => sha256));
  });

  it('give the stream of the folder, pixel by pixel', async () => {
    const lastDigest = async (dataset: Dataset) => {
      const options = { batchSize: 4, workers: 0, seed: 3, digest: true } as const;
      const batches = await collect(pipeline(dataset, options).pipe(randomResizedCrop(16)));
      return batches.at(-1)?.digest;
    };
    const expected = await lastDigest(imageFolder(goldenFolder()));
    expect(expected).toMatch(/^[0-9a-f]{64}$/);
    for (const layout of ['groups of 5', 'images plain', 'zstd'])
      expect(await lastDigest(await parquet(parquetFile(layout)))).toBe(expected);
  });

  it('are read where they lie beyond 4 GB', async () => {
    const path = farFile();
    expect(await digestsOf(await parquet(path))).toEqual(samples.map(({ sha256 }) => sha256));
    const { offset, length } = await rowsOf(path, {});
    expect(offset.at(length - 1)).toBeGreaterThan(2 ** 32);
  });

  it.each(['gaps', 'gaps, version 2'])('leave rows without an image as bad samples: %s', async (name) => {
    const path = parquetFile(name);
    const dataset = await parquet(path);
    expect(samples.map((_, i) => dataset.label(i))).toEqual(
      samples.map(({ label }, i) => (i === 4 ? -1 : label)),
    );
    const images = await imagesOf(dataset);
    for (const [row, { length }] of samples.entries())
      if (row === 3 || row === 9)
        expect(images[row]).toBe(`${path}: row ${row}: has no image (its bytes are null)`);
      else expect(images[row]).toHaveLength(length);
  });
});
