import { expect, it } from 'vitest';
import { fromHalf } from '../../../../src/core/half.ts';
import { images, pipeline, randomResizedCrop } from '../../../../src/index.ts';
import { patternItems } from '../../../support/raw-images.ts';

it('makes rows that differ, of normal values, the same batch every time', async () => {
  const options = { backend: 'synthetic', batchSize: 4, seed: 3 } as const;
  const read = async () => {
    for await (const batch of pipeline(images(patternItems(8)), options).pipe(randomResizedCrop(16)))
      return Array.from(batch.images, fromHalf);
    return [];
  };
  const values = await read();
  expect(await read()).toEqual(values);
  const rows = Array.from({ length: 4 }, (_, row) => values.slice(row * 768, (row + 1) * 768));
  expect(new Set(rows.map((row) => row.join())).size).toBe(4);
  for (const row of rows) {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    expect(Math.abs(mean)).toBeLessThan(0.2);
    expect(row.toSorted((a, b) => a - b)).toEqual(rows[0]?.toSorted((a, b) => a - b));
  }
});
