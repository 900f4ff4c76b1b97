import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { datasetDigest } from '../../../src/datasets/dataset.ts';
import { ObjectScanner } from '../../../src/datasets/manifest/coco/object-scanner.ts';
import { splitsOf } from '../../../src/datasets/opening/open-dataset.ts';
import { DataError, type Dataset, type ManifestOptions, manifest, openDataset } from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';

const annotation = (image: number, category: number, more = {}) => ({
  segmentation: [[510.66, 423.01, -1e-3, 2], [{ 'a"]}\\': '\\"}]' }]],
  area: 702.1,
  iscrowd: 0,
  image_id: image,
  bbox: [473.07, 395.93, 38.65, 28.67],
  category_id: category,
  ...more,
});
const coco = {
  info: { description: 'COCO "2017" [{', images: [{ id: 9 }] },
  licenses: [{ id: 1, images: ['x'] }],
  images: [
    { license: 4, file_name: '000000000139.jpg', height: 427, id: 139 },
    { file_name: 'with "quotes" é.jpg', id: 7, sizes: [1, { a: [] }] },
    { id: 1, file_name: 'none.jpg' },
  ],
  annotations: [
    annotation(7, 90),
    annotation(139, 3),
    annotation(7, 1, { iscrowd: 1, segmentation: { counts: 'a\\"]b', size: [1, 2] } }),
    annotation(7, 90),
  ],
  categories: [
    { supercategory: 'indoor', id: 90, name: 'toothbrush' },
    { id: 1, name: 'person', keypoints: ['nose'], skeleton: [[1, 2]] },
    { id: 3, name: '3' },
    { id: 2, name: 'bicycle' },
  ],
};
const photos = { '000000000139.jpg': 'one', 'with "quotes" é.jpg': 'two', 'none.jpg': 'three' };
const inFolder = (folder: string) =>
  Object.fromEntries(Object.entries(photos).map(([name, data]) => [`${folder}/${name}`, data]));

const name = 'instances_val2017.json';
const opened = (content: unknown, options?: ManifestOptions) => {
  const text = typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content);
  return manifest(join(folderOf({ ...photos, [name]: text }), name), options);
};
const rows = (dataset: Dataset) =>
  Array.from({ length: dataset.length }, (_, at) => [
    dataset.key(at),
    dataset.labels?.(at).map((label) => dataset.classes[label]),
  ]);
const expected = [
  ['000000000139.jpg', ['3']],
  ['with "quotes" é.jpg', ['person', 'toothbrush']],
  ['none.jpg', []],
];

describe("COCO's annotations", () => {
  it('give each image the classes of what is in it, numbered by the ids of categories', async () => {
    const dataset = await opened(coco);
    expect(dataset.classes).toEqual(['person', 'bicycle', '3', 'toothbrush']);
    expect(rows(dataset)).toEqual(expected);
    expect([dataset.split, dataset.label(1), dataset.label(2)]).toEqual(['val', 0, -1]);
  });

  it('may have the lists in any order, any spaces, and a byte order mark', async () => {
    const { info, licenses, images, annotations, categories } = coco;
    const turned = { annotations, categories, images, licenses, info };
    for (const text of [JSON.stringify(turned), `\ufeff${JSON.stringify(turned, null, '\t')}\r\n`])
      expect(rows(await opened(text))).toEqual(expected);
  });

  it('have the digest of a list of the same images and classes', async () => {
    const lines = expected.map(([path, labels]) => JSON.stringify({ path, labels }));
    const classes = ['person', 'bicycle', '3', 'toothbrush'];
    // in a list, a 3 is a number
    const numbers = lines.map((line) =>
      line.replace('["3"]', '[2]').replace('["person","toothbrush"]', '[0,3]'),
    );
    const root = folderOf({ ...photos, 'a.jsonl': numbers.join('\n') });
    const list = await manifest(join(root, 'a.jsonl'), { classes });
    expect(await datasetDigest(await opened(coco))).toBe(await datasetDigest(list));
  });

  it('may have texts as ids of images', async () => {
    const images = coco.images.map((image) => ({ ...image, id: `i${image.id}` }));
    const annotations = coco.annotations.map((one) => ({ ...one, image_id: `i${one.image_id}` }));
    expect(rows(await opened({ ...coco, images, annotations }))).toEqual(expected);
  });

  it.each([
    ['before', [{ id: 0, name: 'person' }, ...coco.categories]],
    ['behind', [...coco.categories, { id: 95, name: 'person' }]],
  ])('may have a category of the same name that nothing is of, %s', async (_, categories) => {
    const dataset = await opened({ ...coco, categories });
    expect(dataset.classes).toEqual(['person', 'bicycle', '3', 'toothbrush']);
    expect(rows(dataset)).toEqual(expected);
  });

  it.each([
    ['beside it', 'a.json', '.', 'a.json'],
    ['in images/', 'data/labels.json', 'data/images', 'data/labels.json'],
    ['as COCO has them', `annotations/${name}`, 'val2017', `annotations/${name}`],
    ['in images/, by split', `annotations/${name}`, 'images/val2017', `annotations/${name}`],
    ['named as the file', 'annotations/val.json', 'val', 'annotations/val.json'],
    ['in the folder above', 'annotations/a.json', 'images', 'annotations/a.json'],
  ])('find their images %s', async (_, file, folder, path) => {
    const root = folderOf({ [file]: JSON.stringify(coco), ...inFolder(folder) });
    const dataset = await openDataset(join(root, path));
    expect(rows(dataset)).toEqual(expected);
    expect(await dataset.byteLength(2)).toBe(5);
    const elsewhere = folderOf({ 'a.json': JSON.stringify(coco) });
    await expect(openDataset(join(elsewhere, 'a.json'))).rejects.toThrow(
      /a\.json: not one of 3 images .*--image-root/,
    );
    const given = await openDataset(join(elsewhere, 'a.json'), { imageRoot: join(root, folder) });
    expect(await datasetDigest(given)).toBe(await datasetDigest(dataset));
  });

  it('are found in a folder, by split', async () => {
    const text = JSON.stringify(coco);
    const asCoco = folderOf({
      'annotations/instances_train2017.json': text,
      'annotations/instances_val2017.json': text,
      'annotations/captions_train2017.json': '{}',
      ...inFolder('train2017'),
      ...inFolder('val2017'),
    });
    const beside = '_annotations.coco.json';
    const asRoboflow = folderOf({
      ...{ [`train/${beside}`]: text, [`valid/${beside}`]: text },
      ...inFolder('train'),
      ...inFolder('valid'),
    });
    for (const root of [asCoco, asRoboflow]) {
      expect(await splitsOf(root)).toEqual(['train', 'val']);
      const val = await openDataset(root, { split: 'val' });
      expect([val.split, rows(val)]).toEqual(['val', expected]);
      expect(val.place?.(0)?.path).toMatch(/(val2017|valid).000000000139\.jpg$/);
      await expect(openDataset(root, { split: 'test' })).rejects.toThrow(/has no test split/);
    }
    expect((await openDataset(join(asRoboflow, 'valid'))).split).toBe('val');
  });

  const changed = (change: (copy: typeof coco) => void) => {
    const copy = structuredClone(coco);
    change(copy);
    return copy;
  };
  it.each<[string, unknown, string]>([
    ['no list of images', { ...coco, images: [] }, 'has no objects in a list "images"'],
    ['no categories', { images: coco.images, annotations: [] }, 'has no objects in a list "categories"'],
    ['no annotation', { ...coco, annotations: [] }, 'not one image has a class'],
    [
      'captions',
      { ...coco, annotations: [{ image_id: 7, caption: 'x' }] },
      'annotations[0]: has no category_id',
    ],
    [
      'an unknown category',
      changed((one) => one.annotations.push(annotation(7, 4))),
      'annotations[4]: category_id 4 is none',
    ],
    [
      'an unknown image',
      changed((one) => one.annotations.push(annotation(8, 1))),
      'annotations[4]: image_id is none',
    ],
    [
      'an image twice',
      changed((one) => one.images.push({ id: 7, file_name: 'a' })),
      'images[3]: the id 7 is there already',
    ],
    [
      'a file twice',
      changed((one) => one.images.push({ id: 8, file_name: 'none.jpg' })),
      'images[3]: none.jpg is listed before',
    ],
    [
      'no file',
      changed((one) => Object.assign(one.images[1] as object, { file_name: 5 })),
      'images[1]: expected a file_name, got 5',
    ],
    [
      'two used categories of one name',
      changed((one) => {
        one.categories.push({ id: 4, name: 'person' });
        one.annotations.push(annotation(7, 4));
      }),
      'categories: the ids 1 and 4 are both called "person"',
    ],
    [
      'an id of a category twice',
      changed((one) => one.categories.push({ id: 1, name: 'x' })),
      'categories[4]: the id 1 is there already',
    ],
    [
      'an id of no number',
      changed((one) => Object.assign(one.categories[0] as object, { id: 'x' })),
      'categories[0]: expected an integer',
    ],
    ['what is no JSON', '{"images":[{"id":1,}]}', 'images[0]: is not JSON'],
    ['a wrong bracket', '{"images":[{"id":1]}', 'a bracket that nothing opened'],
    ['a list outside', '[{"images":[]}]', 'is no object of JSON'],
    ['a list in a list', '{"images":[[1]]}', 'images is no list of objects'],
    ['a second object', `${JSON.stringify(coco)}{}`, 'there is more after the end'],
    ['nothing', '', 'is cut'],
    [
      'no UTF-8',
      Buffer.from('{"images":[{"id":1,"file_name":"\xe9.jpg"}]}', 'latin1'),
      'images[0]: is not UTF-8',
    ],
    ['a huge object', `{"images":[{"file_name":"${'x'.repeat(2 ** 20)}"}]}`, 'more than 1048576 bytes'],
  ])('with %s are refused', async (_, content, message) => {
    const error = await opened(content).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DataError);
    expect((error as Error).message).toContain(`${name}: `);
    expect((error as Error).message).toContain(message);
  });

  it('are refused where they are cut, at any byte', async () => {
    const bytes = Buffer.from(JSON.stringify(coco));
    for (let length = 0; length < bytes.length; length += 7)
      await expect(opened(bytes.subarray(0, length)), String(length)).rejects.toThrow(/is cut/);
  });
});

describe('the scanner of objects', () => {
  const text = Buffer.from(JSON.stringify(coco));

  it.each([1, 2, 3, 7, 64, 1 << 20])('finds the same in pieces of %i bytes', (size) => {
    const found: [string, unknown][] = [];
    const scanner = new ObjectScanner({
      lists: new Set(['images', 'annotations']),
      take: (list, object) => found.push([list, JSON.parse(object.toString())]),
      fail: (reason) => new DataError('TEST', reason),
    });
    // as a reader does: one piece of memory for all
    const piece = Buffer.alloc(size);
    for (let at = 0; at < text.length; at += size)
      scanner.push(piece.subarray(0, text.copy(piece, 0, at, Math.min(at + size, text.length))));
    scanner.finish();
    const shallow = (object: object) =>
      Object.fromEntries(
        Object.entries(object).map(([key, value]) => [key, value instanceof Object ? null : value]),
      );
    expect(found).toEqual([
      ...coco.images.map((object) => ['images', shallow(object)]),
      ...coco.annotations.map((object) => ['annotations', shallow(object)]),
    ]);
  });
});
