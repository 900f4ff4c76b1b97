import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReader } from '../../src/datasets/dataset.ts';
import { DataError, ParameterError, pipeline, randomHorizontalFlip } from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';
import { cifarFile, documentedDataset } from '../support/own-dataset.ts';
import { collect, contents } from '../support/streams.ts';

const run = promisify(execFile);

describe("the documentation's own dataset", () => {
  let documented: Awaited<ReturnType<typeof documentedDataset>>;
  beforeAll(async () => {
    documented = await documentedDataset('own-dataset');
  });
  afterAll(() => rmSync(documented.folder, { recursive: true }));

  const dataset = (count = 20) =>
    documented.cifar(join(folderOf({ 'data_batch_1.bin': cifarFile(count) }), 'data_batch_1.bin'));

  it('is read on worker threads as on the calling thread', async () => {
    const cifar = dataset();
    const stream = (workers: number) =>
      pipeline(cifar, { batchSize: 8, workers, seed: 7 }).pipe(randomHorizontalFlip());
    const expected = contents(await collect(stream(0)));
    expect(expected.length).toBe(3);
    expect(contents(await collect(stream(2)))).toEqual(expected);
  });

  it('puts the planes of red, green and blue side by side', async () => {
    const file = cifarFile(2);
    const cifar = dataset(2);
    const reader = await openReader(cifar.reader);
    const { data } = (await reader.read(cifar.locator(1))) as { data: Uint8Array };
    const planes = file.subarray(3073 + 1);
    const pixel = (at: number) => [planes[at], planes[1024 + at], planes[2048 + at]];
    expect([...data.subarray(0, 6)]).toEqual([...pixel(0), ...pixel(1)]);
    expect([...data.subarray(-3)]).toEqual(pixel(1023));
    await reader.close();
  });

  it('is what the script beside it trains on', async () => {
    const cwd = folderOf({ 'data_batch_1.bin': cifarFile(70) });
    const { stdout } = await run(process.execPath, [join(documented.folder, 'train.js')], { cwd });
    expect(stdout.match(/\[ (64|6), 32, 32, 3 \]/g)).toEqual(['[ 64, 32, 32, 3 ]', '[ 6, 32, 32, 3 ]']);
  });

  it('refuses an index as the documentation says, and a file of another size', () => {
    const cifar = dataset(3);
    const expected = `${cifar.name}: index must be an integer of 0 or more and less than 3, got -1`;
    expect(() => cifar.key(-1)).toThrow(new ParameterError('INVALID_INDEX', expected));
    const cut = folderOf({ 'cut.bin': cifarFile(2).subarray(1) });
    expect(() => documented.cifar(join(cut, 'cut.bin'))).toThrow(DataError);
  });
});
