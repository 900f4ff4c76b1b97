import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Dataset, openReader } from '../../src/datasets/dataset.ts';
import { DataError, ParameterError, pipeline, randomHorizontalFlip } from '../../src/index.ts';
import { cifarFile, importCifar, runExample } from '../support/examples.ts';
import { folderOf } from '../support/folders.ts';
import { collect, contents } from '../support/streams.ts';

describe("the documentation's own dataset", () => {
  let cifar: (path: string) => Dataset;
  beforeAll(async () => {
    ({ cifar } = await importCifar());
  });

  const dataset = (count = 20) =>
    cifar(join(folderOf({ 'data_batch_1.bin': cifarFile(count) }), 'data_batch_1.bin'));

  it('is read on worker threads as on the calling thread', async () => {
    const data = dataset();
    const stream = (workers: number) =>
      pipeline(data, { batchSize: 8, workers, seed: 7 }).pipe(randomHorizontalFlip());
    const expected = contents(await collect(stream(0)));
    expect(expected.length).toBe(3);
    expect(contents(await collect(stream(2)))).toEqual(expected);
  });

  it('puts the planes of red, green and blue side by side', async () => {
    const file = cifarFile(2);
    const two = dataset(2);
    const reader = await openReader(two.reader);
    const { data } = (await reader.read(two.locator(1))) as { data: Uint8Array };
    const planes = file.subarray(3073 + 1);
    const pixel = (at: number) => [planes[at], planes[1024 + at], planes[2048 + at]];
    expect([...data.subarray(0, 6)]).toEqual([...pixel(0), ...pixel(1)]);
    expect([...data.subarray(-3)]).toEqual(pixel(1023));
    await reader.close();
  });

  it('is what the script beside it reads', async () => {
    const folder = folderOf({ 'data_batch_1.bin': cifarFile(70) });
    const { stdout } = await runExample('own-dataset.js', join(folder, 'data_batch_1.bin'));
    const rows = [...stdout.matchAll(/^(\d) x 32 x 32 x 3 /gm)].map(([, count]) => count);
    expect(rows).toEqual([...Array(17).fill('4'), '2']);
  });

  it('refuses an index as the documentation says, and a file of another size', () => {
    const three = dataset(3);
    const expected = `${three.name}: index must be an integer of 0 or more and less than 3, got -1`;
    expect(() => three.key(-1)).toThrow(new ParameterError('INVALID_INDEX', expected));
    const cut = folderOf({ 'cut.bin': cifarFile(2).subarray(1) });
    expect(() => cifar(join(cut, 'cut.bin'))).toThrow(DataError);
  });
});
