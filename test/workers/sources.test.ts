import { describe, expect, it } from 'vitest';
import {
  autoAugment,
  type Dataset,
  idxImages,
  imageFolder,
  images,
  mixup,
  pipeline,
  randomResizedCrop,
  webDataset,
} from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';
import { idxFiles } from '../support/idx.ts';
import { photo } from '../support/photos.ts';
import { millrace } from '../support/processes.ts';
import { collect, contents } from '../support/streams.ts';
import { tarOf, tarSample } from '../support/tar.ts';

const stream = async (dataset: Dataset, workers: number) =>
  contents(
    await collect(
      pipeline(dataset, { batchSize: 4, workers, epochs: 2, seed: 3 }).pipe(
        randomResizedCrop(16),
        autoAugment(),
        mixup(0.2),
      ),
    ),
  );

/** Eight photographs as two class folders, and as two shards. */
async function photographs() {
  const samples = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => ({
      key: `${i >> 2}/${i}`,
      label: i >> 2,
      image: await photo(i),
    })),
  );
  const tars = [0, 1].map((label) =>
    tarOf(
      samples.filter((sample) => sample.label === label).flatMap((s) => tarSample(s.key, label, s.image)),
    ),
  );
  return {
    folder: folderOf(Object.fromEntries(samples.map(({ key, image }) => [`${key}.jpg`, image]))),
    shards: folderOf({ '0.tar': tars[0] as Buffer, '1.tar': tars[1] as Buffer }),
    divided: folderOf({
      'train/0.tar': tars[0] as Buffer,
      'train/1.tar': tars[1] as Buffer,
      'val/0.tar': tars[0] as Buffer,
    }),
  };
}

describe('the stream', () => {
  it('is the same from shards as from the folder they were made of', async () => {
    const { folder, shards } = await photographs();
    const expected = await stream(imageFolder(folder), 0);
    expect(expected).toHaveLength(4);
    expect(await stream(webDataset(shards), 2)).toEqual(expected);
  });

  it('is the same from IDX files as from the images in them', async () => {
    const dataset = idxImages(folderOf(idxFiles('train', 9)));
    const pixels = (i: number) => Uint8Array.from({ length: 18 }, (_, at) => i * 6 + Math.floor(at / 3));
    const items = Array.from({ length: 9 }, (_, i) => ({
      key: dataset.key(i),
      label: i % 3,
      image: { data: pixels(i), width: 3, height: 2 },
    }));
    expect(await stream(dataset, 2)).toEqual(await stream(images(items), 0));
  });
});

describe('the commands', () => {
  const flags = ['--batch-size', '4', '--image-size', '16', '--workers', '1'];
  const small = [...flags, '--trainer', 'none', '--epochs', '1'];

  it('train on shards and on IDX files, and say where a val split is missing', async () => {
    const { divided, shards } = await photographs();
    const idx = folderOf(idxFiles('train', 9));
    const [onDivided, onShards, onIdx] = await Promise.all(
      [divided, shards, idx].map((data) => millrace(['train', data, ...small, '--workspace', folderOf()])),
    );
    expect(onShards).toMatchObject({ code: 0, stderr: expect.stringContaining('has no val split') });
    expect(onIdx).toMatchObject({ code: 0, stderr: expect.stringContaining('has no val split') });
    // its val shard has no sample of the last class, which changes nothing for the others
    expect(onDivided).toMatchObject({ code: 0, stderr: expect.not.stringContaining('has no val split') });
  });

  it('name what they take where data is none of it', async () => {
    const { code, stderr } = await millrace(['bench', folderOf({ '1.jpg': '' }), ...flags]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: .* is not a dataset that can be read; expected one of:(\n .*)+\[UNKNOWN_SOURCE\]\n$/,
    );
  });
});
