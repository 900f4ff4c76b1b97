import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reasonOf } from '../../src/core/errors.ts';
import { store } from '../../src/datasets/store/store.ts';
import {
  centerCrop,
  type Dataset,
  excluding,
  type ImageItem,
  imageFolder,
  images,
  mixup,
  type PipelineOptions,
  pipeline,
  type QuarantineRecord,
  type RawImage,
  randomResizedCrop,
  readQuarantine,
  webDataset,
} from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';
import { photo, photoFolder } from '../support/photos.ts';
import { script } from '../support/processes.ts';
import { patternItems } from '../support/raw-images.ts';
import { importTo } from '../support/stores.ts';
import { collect } from '../support/streams.ts';
import { tarOf } from '../support/tar.ts';

const LENGTH = 41;
const BAD = [0, 3, 4, 17, 18, 19, 33, 40];
const isBad = (i: number) => BAD.includes(i);
const noImage = Uint8Array.from('neither JPEG nor PNG', (letter) => letter.charCodeAt(0));
const damaged = (bad: (i: number) => boolean = isBad) =>
  images(patternItems(LENGTH).map((item, i): ImageItem => (bad(i) ? { ...item, image: noImage } : item)));
const stream = (dataset: Dataset, quarantine: string, options: PipelineOptions = {}) =>
  pipeline(dataset, {
    ...{ batchSize: 8, seed: 2, epochs: 3, onError: 'substitute', maxBad: 20, workers: 1, quarantine },
    ...options,
  }).pipe(randomResizedCrop(8));
const newPath = () => join(folderOf(), 'quarantine.jsonl');
const withoutTime = (records: readonly QuarantineRecord[]) => records.map(({ time: _, ...rest }) => rest);

describe('a quarantine file', () => {
  it('lists each bad sample once, in the order of the stream, the same for any workers and chunks', async () => {
    const run = async (options: PipelineOptions) => {
      const path = newPath();
      const batches = await collect(stream(damaged(), path, options).pipe(mixup(0.2)));
      return { records: withoutTime(readQuarantine(path)), batches };
    };
    const { records, batches } = await run({ workers: 0, backend: 'reference' });
    const met = batches.flatMap(({ epoch, index: batch, substitutions }) =>
      substitutions.map(({ key, id, row }) => ({ key, id, epoch, batch, row })),
    );
    const first = new Map(met.toReversed().map((place) => [place.key, place]));
    expect(records).toHaveLength(BAD.length);
    expect(records).toMatchObject(met.filter((place) => first.get(place.key) === place));
    for (const [workers, chunkRows] of [
      [1, 2],
      [2, 4],
      [4, 2],
    ] as const)
      expect((await run({ workers, chunkRows })).records).toEqual(records);
  });

  it('says of each which sample it is, where it is stored, why it failed and how it begins', async () => {
    const whole = await photo(1);
    const page = Buffer.from('<html>404 Not Found</html>');
    const files = { 'cat/cut.jpg': whole.subarray(0, 700), 'dog/page.jpg': page };
    const root = await photoFolder(4, { ...files, 'dog/empty.jpg': Buffer.alloc(0) });
    const shard = join(folderOf({ 'a.tar': await shardOf([page, whole]) }), 'a.tar');
    const path = join(folderOf(), 'train.lmdb');
    await importTo(imageFolder(root), path);
    const recordsOf = async (dataset: Dataset) => {
      const file = newPath();
      await collect(stream(dataset, file));
      return readQuarantine(file).toSorted((a, b) => (a.key < b.key ? -1 : 1));
    };
    const common = { epoch: 0, time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) };
    const dataset = imageFolder(root);
    const inFolder = await recordsOf(dataset);
    expect(inFolder).toMatchObject([
      { key: 'cat/cut.jpg', code: 'TRUNCATED', firstBytes: whole.toString('hex', 0, 16) },
      { key: 'dog/empty.jpg', code: 'EMPTY_FILE', firstBytes: '' },
      {
        key: 'dog/page.jpg',
        code: 'NOT_AN_IMAGE',
        firstBytes: page.toString('hex', 0, 16),
      },
    ]);
    for (const record of inFolder) {
      const place = { path: join(root, record.key), dataset: dataset.name };
      expect(record).toMatchObject({ ...common, ...place, message: expect.stringContaining(record.key) });
      expect(dataset.key(record.id)).toBe(record.key);
    }
    // by a relative path the files are found from any folder too
    expect(await recordsOf(imageFolder(relative('.', root)))).toMatchObject(
      inFolder.map(({ key, path: absolute }) => ({ key, path: absolute })),
    );
    const inStore = await recordsOf(store(path));
    expect(inStore).toMatchObject(
      inFolder.map(({ key, code, firstBytes, id }) => ({
        ...{ key, code, firstBytes, id, path, split: 'train', record: id },
      })),
    );
    expect(await recordsOf(await webDataset(shard))).toMatchObject([
      { path: shard, offset: 512, key: '0.jpg' },
    ]);
  });

  it('has no first bytes of a file that is gone', async () => {
    const root = await photoFolder(4);
    const dataset = imageFolder(root);
    const locator = (index: number) => (index === 5 ? join(root, 'gone.jpg') : dataset.locator(index));
    const path = newPath();
    await collect(stream({ ...dataset, locator }, path));
    expect(readQuarantine(path)).toMatchObject([{ code: 'MISSING_FILE', firstBytes: null }]);
  });

  it('names the operator that refused an image', async () => {
    const path = newPath();
    const items = patternItems(12);
    const low = items.filter(({ image }) => (image as RawImage).height < 20).map(({ key }) => key);
    const options = { onError: 'substitute', maxBad: 12, workers: 1, quarantine: path } as const;
    await collect(pipeline(images(items), options).pipe(centerCrop(20)));
    const records = readQuarantine(path);
    expect(records.map(({ key }) => key).toSorted()).toEqual(low.toSorted());
    for (const record of records) expect(record).toMatchObject({ operator: 'centerCrop', firstBytes: null });
  });

  it('is not there after a run without bad samples', async () => {
    const path = newPath();
    await collect(
      stream(
        damaged(() => false),
        path,
      ),
    );
    expect(existsSync(path)).toBe(false);
  });

  it('that cannot be written stops the run before anything is read', async () => {
    const dataset = { ...damaged(), locator: () => expect.fail('read in spite of it') };
    await expect(collect(stream(dataset, join(folderOf(), 'missing', 'q.jsonl')))).rejects.toMatchObject({
      name: 'OutputError',
      code: 'WRITE_FAILED',
    });
  });

  it('needs substitution', () => {
    expect(() => stream(damaged(), newPath(), { onError: 'stop' })).toThrow(
      expect.objectContaining({ name: 'ParameterError', message: expect.stringContaining('quarantine') }),
    );
  });

  it('has what was delivered of a process that was killed', async () => {
    const root = await photoFolder(10, { 'cat/a.jpg': noImage, 'dog/a.jpg': noImage });
    const path = newPath();
    const text = `
      const { pipeline, imageFolder, randomResizedCrop } = millrace;
      const options = { batchSize: 2, workers: 1, onError: 'substitute', maxBad: 9, quarantine: ${JSON.stringify(path)} };
      const found = [];
      for await (const { substitutions } of pipeline(imageFolder(${JSON.stringify(root)}), options).pipe(randomResizedCrop(8))) {
        found.push(...substitutions.map(({ key }) => key));
        if (found.length > 0) {
          process.stdout.write(JSON.stringify(found));
          process.kill(process.pid, 'SIGKILL');
        }
      }`;
    const { code, stdout } = await script(text);
    expect(code).toBe(null);
    expect(readQuarantine(path).map(({ key }) => key)).toEqual([...new Set(JSON.parse(stdout) as string[])]);
  });

  it('leaves out of the next run what it lists, and nothing is bad any more', async () => {
    const path = newPath();
    const dataset = damaged();
    await collect(stream(dataset, path, { epochs: 4 }));
    const keys = readQuarantine(path).map(({ key }) => key);
    const left = excluding(dataset, keys);
    expect(left.length).toBe(LENGTH - BAD.length);
    const clean = await collect(stream(left, newPath(), { epochs: 4, maxBad: 0 }));
    expect(clean.flatMap(({ substitutions }) => substitutions)).toEqual([]);
  });
});

describe('a run with too many bad samples', () => {
  it('counts a sample that is met in several epochs once', async () => {
    const run = stream(damaged(), newPath(), { epochs: 6, maxBad: BAD.length });
    await collect(run);
    expect(run.statistics?.badSamples).toBe(BAD.length);
    expect(run.statistics?.substitutions).toBeGreaterThan(2 * BAD.length);
  });

  it('names the file, which lists every sample that was counted', async () => {
    const path = newPath();
    const error = await collect(stream(damaged(), path, { maxBad: 3 })).catch((thrown: unknown) => thrown);
    const [, count] = /too many bad samples: (\d+) of 41/.exec(reasonOf(error)) ?? [];
    expect(readQuarantine(path)).toHaveLength(Number(count));
    expect(Number(count)).toBeGreaterThan(3);
    expect(reasonOf(error)).toContain(`millrace quarantine ${path}`);
  });

  it('in which no stand-in is good lists what was tried in vain', async () => {
    const path = newPath();
    const options = { maxBad: Number.POSITIVE_INFINITY } as const;
    await expect(
      collect(
        stream(
          damaged(() => true),
          path,
          options,
        ),
      ),
    ).rejects.toMatchObject({
      code: 'NO_STAND_IN',
    });
    const keys = readQuarantine(path).map(({ key }) => key);
    expect(keys.length).toBeGreaterThan(17);
    expect(new Set(keys).size).toBe(keys.length);
    const error = await collect(
      stream(
        damaged(() => true),
        newPath(),
        { maxBad: '10%' },
      ),
    ).catch((e) => e);
    expect(error).toMatchObject({ name: 'DataError', code: 'TOO_MANY_BAD_SAMPLES' });
  });
});

async function shardOf(items: readonly Uint8Array[]): Promise<Buffer> {
  const good = await Promise.all([1, 2, 3, 4].map((seed) => photo(seed)));
  return tarOf(
    [...items, ...good].flatMap((data, i) => [
      { name: `${i}.jpg`, data },
      { name: `${i}.cls`, data: String(i % 2) },
    ]),
  );
}
