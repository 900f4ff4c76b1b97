import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openReader } from '../../../src/datasets/dataset.ts';
import { splitsOf } from '../../../src/datasets/opening/open-dataset.ts';
import { classTars, type Dataset, datasetDigest, imageFolder, openDataset } from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';
import { type TarFlavour, tarOf } from '../../support/tar.ts';

const photos: Readonly<Record<string, string>> = {
  'n01440764/n01440764_10026.JPEG': 'a tench',
  'n01440764/n01440764_9.JPEG': 'x'.repeat(1500),
  'n01443537/n01443537_2.JPEG': 'a goldfish',
};
const members = (className: string, prefix = '') =>
  Object.entries(photos)
    .filter(([path]) => path.startsWith(className))
    // as it is distributed: in no order
    .reverse()
    .map(([path, data]) => ({ name: path.replace(`${className}/`, prefix), data }));
const inner = (className: string, flavour?: TarFlavour, prefix?: string) => ({
  name: `${className}.tar`,
  data: tarOf(members(className, prefix), flavour),
});
const trainTar = (flavour?: TarFlavour) =>
  tarOf([inner('n01443537', flavour), inner('n01440764', flavour)], flavour);

const valNames = [1, 2, 3].map((number) => `ILSVRC2012_val_0000000${number}.JPEG`);
const valFiles = Object.fromEntries(valNames.map((name, at) => [name, `photo ${at}`]));
const valTar = tarOf(valNames.map((name) => ({ name: `./${name}`, data: valFiles[name] as string })));
const kaggle =
  'ImageId,PredictionString\nILSVRC2012_val_00000003,n01443537 85 1 499 272 \nILSVRC2012_val_00000001,n01440764 1 2 3 4 n01440764 5 6 7 8\n';
const synsets = 'n01440764 tench, Tinca tinca\nn01443537 goldfish\n';

async function contents(dataset: Dataset) {
  const reader = await openReader(dataset.reader);
  const all: Record<string, string[]> = {};
  for (let index = 0; index < dataset.length; index++) {
    const image = String(await reader.read(dataset.locator(index)));
    all[dataset.key(index)] = [dataset.classes[dataset.label(index)] as string, image];
    const { path, offset } = dataset.place?.(index) ?? {};
    if (offset !== undefined)
      expect(readFileSync(path as string).toString('latin1', offset, offset + image.length)).toBe(image);
  }
  await reader.close();
  return all;
}

describe('tars of classes', () => {
  it.each(['ustar', 'gnu', 'pax', 'base-256', 'v7'] as const)(
    'are read in a tar as the folder that they unpack to: %s',
    async (flavour) => {
      const path = join(
        folderOf({ 'ILSVRC2012_img_train.tar': trainTar(flavour) }),
        'ILSVRC2012_img_train.tar',
      );
      const dataset = await openDataset(path);
      const folder = imageFolder(folderOf(photos));
      expect([dataset.name, dataset.split, dataset.classes]).toEqual([
        `classTars(${path})`,
        'train',
        folder.classes,
      ]);
      expect(await datasetDigest(dataset)).toBe(await datasetDigest(folder));
      expect(await contents(dataset)).toEqual(await contents(folder));
    },
  );

  it('are read in a folder too, with the folder of the class in them or without', async () => {
    const root = folderOf({
      'n01443537.tar': inner('n01443537').data,
      'n01440764.tar': inner('n01440764', 'ustar', './n01440764/').data,
    });
    expect(await contents(await openDataset(root))).toEqual(await contents(imageFolder(folderOf(photos))));
  });

  it('are refused where something is wrong, which is named', async () => {
    const open = (entries: Parameters<typeof tarOf>[0]) =>
      classTars(join(folderOf({ 'x.tar': tarOf(entries) }), 'x.tar'));
    const { data } = inner('n01440764');
    expect(() => open([{ name: 'n01440764.tar', data: data.subarray(0, 2000) }])).toThrow(
      /x\.tar: n01440764\.tar: is cut/,
    );
    expect(() => open([{ name: 'a.tar', data: tarOf([{ name: 'readme.txt' }]) }])).toThrow(
      /x\.tar: a\.tar: has no images/,
    );
    expect(() =>
      open([
        { name: 'a.tar', data },
        { name: 'b/a.tar', data },
      ]),
    ).toThrow(/b\/a\.tar: there is another tar of the class a/);
    expect(() =>
      open([{ name: 'a.tar', data: tarOf([...members('n01440764'), ...members('n01440764')]) }]),
    ).toThrow(/a\.tar: a\/n01440764_10026\.JPEG is there twice/);
    expect(() => open([{ name: 'readme.txt' }])).toThrow(/holds no tars \(expected a \.tar for each class\)/);
  });
});

describe("ImageNet's val images", () => {
  const expected = {
    [valNames[2] as string]: ['n01443537', 'photo 2'],
    [valNames[0] as string]: ['n01440764', 'photo 0'],
  };

  it.each([
    ['in a tar', { 'ILSVRC2012_img_val.tar': valTar }, 'ILSVRC2012_img_val.tar'],
    [
      'in a folder',
      Object.fromEntries(Object.entries(valFiles).map(([name, data]) => [`val/${name}`, data])),
      'val',
    ],
  ])('have the classes of Kaggle’s list, or of Caffe’s, beside them: %s', async (_, files, name) => {
    const lists = { 'LOC_val_solution.csv': kaggle };
    expect(await contents(await openDataset(join(folderOf({ ...files, ...lists }), name)))).toEqual(expected);
    const caffe = { 'val.txt': `${valNames[2]} 1\n${valNames[0]} 0\n`, 'synset_words.txt': synsets };
    const root = folderOf({ ...files, ...caffe });
    expect(await contents(await openDataset(join(root, name)))).toEqual(expected);
    const outright = await openDataset(join(root, 'val.txt'), { imageRoot: join(root, name) });
    expect(await contents(outright)).toEqual(expected);
    await expect(openDataset(join(folderOf(files), name))).rejects.toThrow(
      /the classes of these images are not in .*devkit_t12\.tar\.gz, LOC_val_solution\.csv/,
    );
  });

  it('are val beside the train images, as they are downloaded and as Kaggle has them', async () => {
    const download = folderOf({
      'ILSVRC2012_img_train.tar': trainTar(),
      'ILSVRC2012_img_val.tar': valTar,
      'val.txt': `${valNames[0]} 0`,
      'synset_words.txt': synsets,
    });
    const below = (folder: string, files: Readonly<Record<string, string>>) =>
      Object.fromEntries(
        Object.entries(files).map(([name, data]) => [`ILSVRC/Data/CLS-LOC/${folder}/${name}`, data]),
      );
    const root = folderOf({
      'LOC_val_solution.csv': kaggle,
      ...below('train', photos),
      ...below('val', valFiles),
    });
    for (const path of [download, join(root, 'ILSVRC/Data/CLS-LOC')]) {
      expect(await splitsOf(path)).toEqual(['train', 'val']);
      expect((await openDataset(path)).classes).toEqual(['n01440764', 'n01443537']);
      const val = await openDataset(path, { split: 'val' });
      expect(val.classes[val.label(val.length - 1)]).toBe('n01440764');
    }
    await expect(openDataset(download, { split: 'test' })).rejects.toThrow(/has no test split/);
  });

  it('are shards like others where each has its class beside it', async () => {
    const name = (valNames[0] as string).replace('.JPEG', '');
    const shard = tarOf([
      { name: `${name}.JPEG`, data: 'a photo' },
      { name: `${name}.cls`, data: '7' },
    ]);
    const dataset = await openDataset(join(folderOf({ 'val.tar': shard }), 'val.tar'));
    expect([dataset.name.split('(')[0], dataset.label(0)]).toEqual(['webDataset', 7]);
  });

  it('that a list names and a tar has not are bad samples', async () => {
    const root = folderOf({
      'ILSVRC2012_img_val.tar': valTar,
      'val.txt': `${valNames[0]} 0\nILSVRC2012_val_00000009.JPEG 1`,
    });
    const dataset = await openDataset(join(root, 'ILSVRC2012_img_val.tar'));
    await expect(dataset.byteLength(1)).rejects.toThrow(
      /val\.tar: ILSVRC2012_val_00000009\.JPEG: no such file in the tar/,
    );
    const reader = await openReader(dataset.reader);
    expect(() => reader.read(dataset.locator(1))).toThrow(expect.objectContaining({ code: 'MISSING_FILE' }));
    await reader.close();
  });
});

const truthName = 'ILSVRC2012_validation_ground_truth.txt';
const matOf = (name: string) =>
  Buffer.from(JSON.parse(readFileSync('test/golden/mat.json', 'utf8'))[name] as string, 'base64');
const unpackedDevkit = (truth = '3\n2\n1\n', root = 'ILSVRC2012_devkit_t12/data/') => ({
  [`${root}${truthName}`]: truth,
  // its ids 1, 2 and 3 are n02119789, n01440764 and n04264628
  [`${root}meta.mat`]: matOf('meta'),
});
const packedDevkit = (ending = '.tar.gz') => {
  const members = Object.entries(unpackedDevkit()).map(([name, data]) => ({ name, data }));
  const tar = tarOf([{ name: 'ILSVRC2012_devkit_t12/readme.txt', data: 'x' }, ...members]);
  return { [`ILSVRC2012_devkit_t12${ending}`]: ending === '.tar' ? tar : gzipSync(tar) };
};
const flatVal = (folder = '') =>
  Object.fromEntries(Object.entries(valFiles).map(([name, data]) => [`${folder}${name}`, data]));

describe("ImageNet's val images and the devkit", () => {
  const classes = ['n01440764', 'n02119789', 'n04264628'];
  const expected = {
    [valNames[0] as string]: ['n04264628', 'photo 0'],
    [valNames[1] as string]: ['n01440764', 'photo 1'],
    [valNames[2] as string]: ['n02119789', 'photo 2'],
  };

  it.each<[string, Readonly<Record<string, string | Uint8Array>>, string]>([
    ['unpacked beside a folder', { ...flatVal('val/'), ...unpackedDevkit() }, 'val'],
    ['unpacked among the images', { ...flatVal(), ...unpackedDevkit('3\r\n2\r\n1', '') }, '.'],
    ['as downloaded, among the images', { ...flatVal(), ...packedDevkit() }, '.'],
    ['as downloaded, one folder up', { ...flatVal('a/val/'), ...packedDevkit() }, 'a/val'],
    ['as a tar', { ...flatVal('val/'), ...packedDevkit('.tar') }, 'val'],
    [
      'beside the tar of the images',
      { 'ILSVRC2012_img_val.tar': valTar, ...packedDevkit() },
      'ILSVRC2012_img_val.tar',
    ],
  ])('have classes as train has them: %s', async (_, files, name) => {
    const dataset = await openDataset(join(folderOf(files), name));
    expect(dataset.classes).toEqual(classes);
    expect(await contents(dataset)).toEqual(expected);
    const labels = [2, 0, 1];
    expect(labels.map((_, at) => dataset.label(at))).toEqual(labels);
    // the same as by Caffe's list of them
    const lines = valNames.map((one, at) => `${one} ${labels[at]}`).join('\n');
    const caffe = folderOf({ ...flatVal(), 'val.txt': lines, 'synset_words.txt': classes.join('\n') });
    expect(await datasetDigest(dataset)).toBe(await datasetDigest(await openDataset(caffe)));
  });

  it('may be named by the devkit’s file', async () => {
    const root = folderOf({ ...flatVal('val/'), ...unpackedDevkit() });
    const truth = join(root, 'ILSVRC2012_devkit_t12/data', truthName);
    const messages: string[] = [];
    const options = { imageRoot: join(root, 'val'), onMessage: (message: string) => messages.push(message) };
    const dataset = await openDataset(truth, options);
    expect(await datasetDigest(dataset)).toBe(await datasetDigest(await openDataset(join(root, 'val'))));
    expect([dataset.split, messages]).toEqual(['val', []]);
    const open = (imageRoot?: string) => openDataset(truth, { ...(imageRoot && { imageRoot }) });
    await expect(open()).rejects.toThrow(/ground_truth\.txt: says the classes of images that .*--image-root/);
    await expect(open(join(root, 'none'))).rejects.toThrow(/none: no such file or folder/);
    await expect(open('https://host.example/val')).rejects.toThrow(/is no folder or tar on the disk/);
    await expect(openDataset(truth, { ...options, split: 'test' })).rejects.toThrow(/has no test split/);
  });

  it('are val beside a folder of class folders', async () => {
    const train = Object.fromEntries(classes.map((name) => [`train/${name}/${name}_1.JPEG`, name]));
    const root = folderOf({ ...train, ...flatVal('val/'), ...packedDevkit() });
    expect(await splitsOf(root)).toEqual(['train', 'val']);
    const [first, second] = [await openDataset(root), await openDataset(root, { split: 'val' })];
    expect(first.classes).toEqual(second.classes);
    expect(second.split).toBe('val');
    expect(await contents(second)).toEqual(expected);
  });

  it('have the classes of a list where there is one too', async () => {
    const root = folderOf({ ...flatVal('val/'), ...unpackedDevkit(), 'LOC_val_solution.csv': kaggle });
    expect((await openDataset(join(root, 'val'))).length).toBe(2);
  });

  it.each<[string, Readonly<Record<string, string | Uint8Array>>, RegExp]>([
    ['too few lines', unpackedDevkit('1\n2\n'), /ground_truth\.txt: has 2 lines, expected .* 3 images in/],
    ['too many lines', unpackedDevkit('1\n2\n3\n1'), /has 4 lines, .* a part of the images needs a list/],
    ['an id beyond the classes', unpackedDevkit('1\n4\n2'), /line 2: expected the ILSVRC2012_ID .*, got "4"/],
    ['an id that is none', unpackedDevkit('1\n\n2'), /line 2: expected .* got ""/],
    [
      'no meta.mat',
      { [truthName]: '1\n2\n3' },
      /has no meta\.mat: .* in data\/ of ILSVRC2012_devkit_t12\.tar\.gz/,
    ],
    [
      'another meta.mat',
      { ...unpackedDevkit(undefined, ''), 'meta.mat': matOf('other') },
      /meta\.mat: has no struct array "synsets"/,
    ],
    [
      'a damaged archive',
      { 'ILSVRC2012_devkit_t12.tar.gz': gzipSync('x'.repeat(2000)).subarray(0, 20) },
      /devkit_t12\.tar\.gz: cannot be unpacked/,
    ],
  ])('are refused where the devkit has %s', async (_, files, message) => {
    const root = folderOf({ ...flatVal(), ...files });
    await expect(openDataset(root)).rejects.toThrow(message);
    await expect(openDataset(root)).rejects.toThrow(root);
  });

  it('are refused where one is missing in between', async () => {
    const root = folderOf({
      ...flatVal(),
      'ILSVRC2012_val_00000005.JPEG': 'x',
      ...unpackedDevkit('1\n2\n3\n1'),
    });
    await expect(openDataset(root)).rejects.toThrow(/image 4 is ILSVRC2012_val_00000005\.JPEG/);
  });
});
