import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll } from 'vitest';
import { caffeLmdb } from '../../src/datasets/caffe/caffe-lmdb.ts';
import { cifar } from '../../src/datasets/cifar/cifar.ts';
import type { Dataset } from '../../src/datasets/dataset.ts';
import { excluding } from '../../src/datasets/excluding.ts';
import { imageFiles } from '../../src/datasets/folder/image-files.ts';
import { imageFolder } from '../../src/datasets/folder/image-folder.ts';
import { idxImages } from '../../src/datasets/idx/idx.ts';
import { manifest } from '../../src/datasets/manifest/manifest.ts';
import { images } from '../../src/datasets/memory/images.ts';
import { npz } from '../../src/datasets/npz/npz.ts';
import { openDataset } from '../../src/datasets/opening/open-dataset.ts';
import { cutValPart } from '../../src/datasets/opening/val-part.ts';
import { parquet } from '../../src/datasets/parquet/parquet.ts';
import { store } from '../../src/datasets/store/store.ts';
import { webDataset } from '../../src/datasets/tar/web-dataset.ts';
import { tfRecords } from '../../src/datasets/tfrecord/tf-records.ts';
import { concat } from '../../src/datasets/wrappers/concat.ts';
import { subset } from '../../src/datasets/wrappers/subset.ts';
import { cifarOf } from '../support/cifar.ts';
import { cifarFile, importCifar } from '../support/examples.ts';
import { faulty } from '../support/faults.ts';
import { folderOf } from '../support/folders.ts';
import { idxFiles, idxOf } from '../support/idx.ts';
import { mixedImages } from '../support/mixed-images.ts';
import { parquetBytes } from '../support/parquet.ts';
import { patternImage, patternItems } from '../support/raw-images.ts';
import { importTo } from '../support/stores.ts';
import { tarOf, tarSample } from '../support/tar.ts';
import { recordsOf } from '../support/tf-records.ts';
import { testDataset } from './test-dataset.ts';

/** A folder of files that only have to be read, not decoded. */
const texts = (isChanged: boolean) =>
  folderOf({
    'cat/1.jpg': 'the first',
    'cat/2.jpg': isChanged ? 'the second, and more' : 'the second',
    'cat/more/3.png': 'number three',
    'dog/1.jpg': Buffer.alloc(1_500_000, 7),
    'dog/2.jpg': 'small again',
  });

const removed = (dataset: Dataset, index: number): string => {
  const path = dataset.place?.(index).path as string;
  rmSync(path);
  return path;
};

testDataset('imageFolder', {
  make: async (isChanged) => {
    const root = texts(isChanged);
    return () => imageFolder(root);
  },
  removeFile: removed,
});

testDataset('imageFiles', {
  make: async (isChanged) => {
    const root = texts(isChanged);
    const paths = ['dog/2.jpg', 'cat/1.jpg', 'cat/2.jpg', 'dog/1.jpg'].map((path) => join(root, path));
    return () => imageFiles(paths);
  },
  removeFile: removed,
});

testDataset('excluding', {
  make: async (isChanged) => {
    const root = texts(isChanged);
    return () => excluding(imageFolder(root), ['cat/1.jpg']);
  },
  removeFile: removed,
});

testDataset('concat', {
  make: async (isChanged) => {
    const root = texts(isChanged);
    const all = patternItems(3);
    return () => concat([imageFolder(root), images(all)], { prefixes: ['folder', 'memory'] });
  },
});

testDataset('subset', {
  make: async (isChanged) => {
    const root = texts(isChanged);
    return () => subset(imageFolder(root), [0, 1, 3, 4]);
  },
  removeFile: removed,
});

testDataset('the part for training', {
  make: async (isChanged) => {
    const items = patternItems(12);
    const changed = { image: patternImage(1, 9, 9), label: 1, key: 'pattern-1' };
    const all = isChanged ? items.toSpliced(1, 1, changed) : items;
    return () => cutValPart(images(all), 0.1).train;
  },
});

/** Four gray images of three classes, or five. */
const idxFolder = (isChanged: boolean) => folderOf(idxFiles('train', isChanged ? 5 : 4));

testDataset('idxImages, gray', {
  make: async (isChanged) => {
    const root = idxFolder(isChanged);
    return () => idxImages(root);
  },
  // as in the file: a byte for each pixel
  byteLength: () => 6,
});

testDataset('idxImages, in colour', {
  make: async (isChanged) => {
    const pixels = (count: number) => Array.from({ length: count * 18 }, (_, i) => (i * 5) % 256);
    const count = isChanged ? 5 : 4;
    const root = folderOf({
      'images.idx4': idxOf([count, 2, 3, 3], pixels(count)),
      'labels.idx1': idxOf([count], [0, 1, 0, 2, 1].slice(0, count)),
    });
    return () => idxImages(join(root, 'images.idx4'));
  },
});

testDataset('webDataset', {
  make: async (isChanged) => {
    const shard = (name: string, more = '') =>
      tarOf([...tarSample(`${name}/1`, 0), ...tarSample(`${name}/2`, 2, `${name}, an image${more}`)]);
    const root = folderOf({ 'a.tar': shard('a'), 'b.tar': shard('b', isChanged ? ' and more' : '') });
    return () => webDataset(root);
  },
  removeFile: removed,
});

testDataset('manifest', {
  make: async (isChanged) => {
    const root = texts(isChanged);
    const list = ['dog/2.jpg dog', 'cat/1.jpg cat', 'cat/2.jpg cat', 'dog/1.jpg dog'].join('\n');
    const path = join(folderOf({ 'a.lst': list }), 'a.lst');
    return () => manifest(path, { imageRoot: root });
  },
  removeFile: removed,
});

testDataset("COCO's annotations", {
  make: async (isChanged) => {
    const images = ['dog/2.jpg', 'cat/1.jpg', 'cat/2.jpg', 'dog/1.jpg'].map((file_name, id) => ({
      id,
      file_name,
    }));
    const content = {
      images,
      annotations: [3, 5, 3].map((category_id, at) => ({ image_id: at % 2, category_id })),
      categories: [3, 5].map((id) => ({ id, name: `class ${id}` })),
    };
    const path = join(texts(isChanged), 'a.json');
    writeFileSync(path, JSON.stringify(content));
    return () => manifest(path);
  },
  removeFile: removed,
});

testDataset("ImageNet's val images and the devkit", {
  make: async (isChanged) => {
    const { meta } = JSON.parse(readFileSync('test/golden/mat.json', 'utf8'));
    const photos = ['one', isChanged ? 'another' : 'two', 'three', 'four'].map((photo, at) => [
      `ILSVRC2012_val_0000000${at + 1}.JPEG`,
      photo,
    ]);
    const root = folderOf({
      ...Object.fromEntries(photos),
      'ILSVRC2012_validation_ground_truth.txt': '3\n1\n2\n1\n',
      'meta.mat': Buffer.from(meta, 'base64'),
    });
    return () => openDataset(root);
  },
  removeFile: removed,
});

testDataset('tfRecords', {
  make: async (isChanged) => {
    const records = (name: string, more = '') =>
      recordsOf([0, 2].map((label) => ({ image: `${name}, image ${label}${more}`, label })));
    const root = folderOf({
      'a.tfrecord': records('a'),
      'b.tfrecord': records('b', isChanged ? ', more' : ''),
    });
    return () => tfRecords(root);
  },
  removeFile: removed,
});

testDataset('parquet', {
  make: async (isChanged) => {
    const files = { 'x.parquet': parquetBytes(isChanged ? 'gaps' : 'groups of 5') };
    const path = join(folderOf(files), 'x.parquet');
    return () => parquet(path);
  },
  removeFile: removed,
});

testDataset('cifar', {
  make: async (isChanged) => {
    const root = folderOf({
      'data_batch_1.bin': cifarOf([[0], [1], [2]]),
      'data_batch_2.bin': cifarOf(isChanged ? [[0], [1], [2], [3], [4]] : [[0], [1], [2], [3]]).subarray(
        3 * 3073,
      ),
    });
    return () => cifar(root);
  },
  removeFile: removed,
});

const arrays = JSON.parse(readFileSync('test/golden/npz.json', 'utf8'));
const npzOf = (name: string) => join(folderOf({ 'a.npz': Buffer.from(arrays[name], 'base64') }), 'a.npz');

const lmdbs = JSON.parse(readFileSync('test/golden/caffe.json', 'utf8'));

for (const name of ['encoded', 'colour'])
  testDataset(`caffeLmdb, ${name}`, {
    make: async (isChanged) => {
      const other = name === 'colour' ? 'encoded' : 'colour';
      const { file } = lmdbs[isChanged ? other : name];
      const bytes = gunzipSync(Buffer.from(file, 'base64'));
      const root = folderOf({ 'data.mdb': bytes });
      return () => caffeLmdb(root);
    },
    removeFile: removed,
  });

testDataset('npz, not packed', {
  make: async (isChanged) => {
    const path = npzOf('medmnist-stored');
    return () => npz(path, { split: isChanged ? 'test' : 'train' });
  },
  removeFile: removed,
});

testDataset('npz, gray', {
  make: async (isChanged) => {
    const path = npzOf('keras');
    return () => npz(path, { split: isChanged ? 'test' : 'train' });
  },
  // as in the file: a byte for each pixel
  byteLength: () => 20,
  removeFile: removed,
});

testDataset('npz, several classes', {
  make: async (isChanged) => {
    const path = npzOf('chest');
    return () => npz(path, { split: isChanged ? 'val' : 'train' });
  },
  byteLength: () => 4,
});

testDataset('npz, packed', {
  make: async (isChanged) => {
    const path = npzOf('medmnist');
    return () => npz(path, { split: isChanged ? 'test' : 'train' });
  },
});

testDataset('images, raw and encoded', {
  make: async (isChanged) => {
    const items = [...patternItems(3), { image: Buffer.from('encoded'), label: 1 }];
    if (isChanged) items[1] = { image: patternImage(1, 9, 9), label: 1, key: 'pattern-1' };
    return () => images(items);
  },
});

const mixed = mixedImages();

/** A store of JPEGs in intervals and of files as they came; where `isChanged`, one was another file before. */
async function storeOf(isChanged: boolean): Promise<string> {
  const files = { ...(await mixed) };
  if (isChanged) files['dog/image.png'] = files['dog/turned.png'] as Buffer;
  const path = join(folderOf(), 'a.lmdb');
  await importTo(imageFolder(folderOf(files)), path);
  return path;
}
let storedSizes: number[];
beforeAll(async () => {
  const files = await mixed;
  storedSizes = Object.keys(files)
    .toSorted()
    .map((key) => files[key]?.length as number);
});

testDataset('store', {
  make: async (isChanged) => {
    const path = await storeOf(isChanged);
    return () => store(path);
  },
  // of the files that it was imported from
  byteLength: (index) => storedSizes[index] as number,
  removeFile: removed,
});

testDataset('store, of pixels', {
  make: async (isChanged) => {
    const path = join(folderOf(), 'a.lmdb');
    await importTo(idxImages(idxFolder(isChanged)), path);
    return () => store(path);
  },
  byteLength: () => 6,
  removeFile: removed,
});

testDataset("of a user's own", {
  make: async (isChanged) => {
    const items = patternItems(isChanged ? 5 : 4);
    return () => faulty(items, {});
  },
});

testDataset('of the documentation', {
  make: async (isChanged) => {
    const { cifar } = await importCifar();
    const path = join(folderOf({ 'data.bin': cifarFile(isChanged ? 5 : 4) }), 'data.bin');
    return () => cifar(path);
  },
});
