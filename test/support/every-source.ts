import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageFolder } from '../../src/index.ts';
import { datumOf, lmdbOf } from './caffe.ts';
import { cifarOf } from './cifar.ts';
import { folderOf } from './folders.ts';
import { idxOf } from './idx.ts';
import { parquetBytes, parquetGolden } from './parquet.ts';
import { importTo } from './stores.ts';
import { tarOf, tarSample } from './tar.ts';
import { recordsOf } from './tf-records.ts';

interface Sample {
  readonly key: string;
  readonly label: number;
  readonly image: Buffer;
}

const samples: readonly Sample[] = parquetGolden.samples.map(({ key, label }, at) => ({
  key,
  label,
  image: Buffer.from(parquetGolden.images[at] as string, 'base64'),
}));

const fileIn = (name: string, content: string | Uint8Array): string =>
  join(folderOf({ [name]: content }), name);
const rowsOf = (separator: string) =>
  samples.map(({ key, label }) => `${key}${separator}${label}`).join('\n');

/** 18 images of three classes in every kind of source that keeps their bytes, each by its path. */
export async function equalSources(): Promise<Readonly<Record<string, string>>> {
  const files = Object.fromEntries(samples.map(({ key, image }) => [key, image]));
  const folder = folderOf(files);
  const store = join(folderOf(), 'a.lmdb');
  await importTo(imageFolder(folder), store);
  const ofClass = (name: string) => samples.filter(({ key }) => key.startsWith(`${name}/`));
  const tars = ['2', '0', '1'].map((name) => ({
    name: `${name}.tar`,
    data: tarOf(ofClass(name).map(({ key, image }) => ({ name: key.slice(2), data: image }))),
  }));
  const members = samples.flatMap(({ key, label, image }) =>
    tarSample(key.replace('.png', ''), label, image).map((entry) => ({
      ...entry,
      name: entry.name.replace('.jpg', '.png'),
    })),
  );
  const records = samples.map(({ key, label, image }) => ({ image, label, file_name: key }));
  const number = (at: number) => String(at).padStart(8, '0');
  const datums = samples.map(
    ({ key, label, image }, at) => [`${number(at)}_${key}`, datumOf(image, label)] as const,
  );
  return {
    folder,
    store,
    tar: fileIn('a.tar', tarOf(members)),
    'tar of tars': fileIn('a.tar', tarOf(tars)),
    parquet: fileIn('a.parquet', parquetBytes('groups of 5')),
    tfrecord: fileIn('a.tfrecord', recordsOf(records)),
    'csv in the folder': join(folderOf({ ...files, 'a.csv': `path,label\n${rowsOf(',')}` }), 'a.csv'),
    'metadata.csv': folderOf({ ...files, 'metadata.csv': `file_name,label\n${rowsOf(',')}` }),
    "caffe's list": join(folderOf({ ...files, 'a.txt': rowsOf(' ') }), 'a.txt'),
    "caffe's lmdb": folderOf({ 'data.mdb': lmdbOf(datums) }),
  };
}

/** Images of three classes in every kind of source that has pixels, which no other has. */
export function rawSources(): Readonly<Record<string, string>> {
  const labels = Array.from({ length: 12 }, (_, at) => at % 3);
  const npz = JSON.parse(readFileSync('test/golden/npz.json', 'utf8'))['medmnist-stored'];
  return {
    npz: fileIn('a.npz', Buffer.from(npz, 'base64')),
    cifar: fileIn('data_batch_1.bin', cifarOf(labels.map((label) => [label]))),
    idx: join(
      folderOf({
        'images-idx3-ubyte': idxOf(
          [12, 6, 5],
          Array.from({ length: 360 }, (_, at) => at % 256),
        ),
        'labels-idx1-ubyte': idxOf([12], labels),
      }),
      'images-idx3-ubyte',
    ),
  };
}
