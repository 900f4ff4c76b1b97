import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openReader } from '../../../src/datasets/dataset.ts';
import { expandBraces, hasBraceList } from '../../../src/datasets/tar/brace-list.ts';
import {
  DataError,
  type Dataset,
  datasetDigest,
  imageFolder,
  openDataset,
  webDataset,
} from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';
import {
  paxRecords,
  type TarEntry,
  type TarFlavour,
  tarHeader,
  tarOf,
  tarSample,
  writeChecksum,
} from '../../support/tar.ts';

const flavours: TarFlavour[] = ['ustar', 'gnu', 'pax', 'base-256', 'v7'];
// its formats have other names in BSD's tar
const hasGnuTar = spawnSync('tar', ['--version']).stdout?.includes('GNU tar') ?? false;

/** Everything of a dataset, its images' bytes included. */
async function contentsOf(dataset: Dataset): Promise<[key: string, label: number, image: string][]> {
  const reader = await openReader(dataset.reader);
  const contents: [string, number, string][] = [];
  for (let i = 0; i < dataset.length; i++) {
    const image = Buffer.from((await reader.read(dataset.locator(i))) as Buffer);
    expect(image).toHaveLength(await dataset.byteLength(i));
    contents.push([dataset.key(i), dataset.label(i), image.toString('latin1')]);
  }
  await reader.close();
  return contents;
}

/** A dataset of one shard, `shard.tar`. */
async function shardOf(tar: Buffer): Promise<Dataset> {
  return webDataset(join(folderOf({ 'shard.tar': tar }), 'shard.tar'));
}

const open = (entries: readonly TarEntry[], flavour?: TarFlavour) => shardOf(tarOf(entries, flavour));

describe('webDataset', () => {
  it('lists the samples of a folder of shards, sorted by the names of the shards', async () => {
    const root = folderOf({
      'b-10.tar': tarOf(tarSample('c', 1)),
      'b-1.tar': tarOf([...tarSample('z', 0), ...tarSample('a', '12\n')]),
      'readme.txt': '',
      '.hidden.tar': 'no tar',
    });
    const dataset = await webDataset(root);
    expect(await contentsOf(dataset)).toEqual([
      ['z.jpg', 0, 'z'],
      ['a.jpg', 12, 'a'],
      ['c.jpg', 1, 'c'],
    ]);
    expect(dataset.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12']);
    expect(dataset.name).toBe(`webDataset(${root})`);
  });

  it('takes a list of shards and folders in its order', async () => {
    const root = folderOf({ 'a.tar': tarOf(tarSample('a', 0)), 'more/b.tar': tarOf(tarSample('b', 1)) });
    const dataset = await webDataset([join(root, 'more'), join(root, 'a.tar')]);
    expect(await contentsOf(dataset)).toEqual([
      ['b.jpg', 1, 'b'],
      ['a.jpg', 0, 'a'],
    ]);
    expect(dataset.name).toBe('webDataset(2 shards)');
  });

  it('gives classes their names', async () => {
    const path = join(folderOf({ 'a.tar': tarOf([...tarSample('a', 1), ...tarSample('b', 0)]) }), 'a.tar');
    expect((await webDataset(path, { classes: ['cat', 'dog', 'fish'] })).classes).toEqual([
      'cat',
      'dog',
      'fish',
    ]);
    const act = () => webDataset(path, { classes: ['cat'] });
    await expect(act).rejects.toThrow(/a\.tar: a\.jpg: class 1 has no name \(1 are given, for 0\.\.0\)/);
    await expect(act).rejects.toThrow(expect.objectContaining({ name: 'DataError', code: 'INVALID_CLASS' }));
  });

  it('passes over folders, other extensions and hidden files, between and within samples', async () => {
    const dataset = await open([
      { name: './', type: '5' },
      { name: './x/', type: '5' },
      { name: './x/._1.jpg', data: 'hidden' },
      { name: './x/1.cls', data: '3' },
      { name: './x/1.json', data: '{}' },
      { name: './x/._1.cls', data: 'hidden' },
      { name: './x/1.JPG', data: 'one' },
      { name: './x/1.seg.png', data: 'another field in WebDataset' },
      { name: './x/readme.txt', data: 'no sample' },
      { name: './.cache/2.jpg', data: 'hidden' },
      { name: './x/2.webp', data: 'two' },
      { name: './x/2.cls', data: '0' },
    ]);
    expect(await contentsOf(dataset)).toEqual([
      ['x/1.JPG', 3, 'one'],
      ['x/2.webp', 0, 'two'],
    ]);
  });

  it('ends a key at the first dot of the file name, not of its folders', async () => {
    const dataset = await open([...tarSample('v1.0/a', 0), ...tarSample('v1.5/a', 1)]);
    expect((await contentsOf(dataset)).map(([key]) => key)).toEqual(['v1.0/a.jpg', 'v1.5/a.jpg']);
  });

  it('has the digest of any dataset with the same keys, classes and lengths', async () => {
    const folder = imageFolder(folderOf({ '0/a.jpg': 'one', '1/b.jpg': 'three' }));
    const shards = await open([...tarSample('0/a', 0, 'one'), ...tarSample('1/b', 1, 'three')]);
    expect(await datasetDigest(shards)).toBe(await datasetDigest(folder));
  });

  it('takes a tar that ends after a sample, without all of the zeros that should follow', async () => {
    const whole = tarOf([...tarSample('a', 0, Buffer.alloc(700)), ...tarSample('b', 1)]);
    const ends = whole.length - 1024;
    for (const [length, samples] of [[2560, 1], ...[0, 1, 511, 512, 600].map((zeros) => [ends + zeros, 2])])
      expect((await shardOf(whole.subarray(0, length))).length, `${length} bytes`).toBe(samples);
    const heard = async (length: number) => {
      const messages: string[] = [];
      const path = join(folderOf({ 'x.tar': whole.subarray(0, length) }), 'x.tar');
      await webDataset(path, { onMessage: (message) => messages.push(message) });
      return messages;
    };
    for (const length of [2560, ends, ends + 511])
      expect(await heard(length)).toEqual([
        expect.stringMatching(/^1 of 1 shards end without the zeros .*, and may be cut: .*x\.tar$/),
      ]);
    for (const length of [ends + 512, ends + 1024]) expect(await heard(length)).toEqual([]);
    // its last member's padding belongs to it
    await expect(() => shardOf(whole.subarray(0, ends - 1))).rejects.toThrow(
      expect.objectContaining({ code: 'TRUNCATED_TAR' }),
    );
  });

  it('gives back any samples written to any number of shards in any flavour of tar', async () => {
    const character = fc.constantFrom('a', 'Z', '0', '-', '_', ' ', 'é', '日', '😀', '%', '"');
    const word = fc.string({ unit: character, minLength: 1, maxLength: 70 });
    const sample = fc.record({
      key: fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('/')),
      label: fc.nat(300),
      image: fc.uint8Array({ maxLength: 1300 }),
    });
    const shard = fc.record({
      flavour: fc.constantFrom<TarFlavour>('gnu', 'pax'),
      samples: fc.array(sample, { minLength: 1, maxLength: 5 }),
    });
    const uniqueKeys = (shards: { samples: { key: string }[] }[]) => {
      const keys = shards.flatMap(({ samples }) => samples.map(({ key }) => key));
      return new Set(keys).size === keys.length;
    };
    const anyShards = fc.array(shard, { minLength: 1, maxLength: 4 }).filter(uniqueKeys);
    const roundTrip = async (shards: typeof anyShards extends fc.Arbitrary<infer T> ? T : never) => {
      const tars = shards.map(({ flavour, samples }) =>
        tarOf(
          samples.flatMap(({ key, label, image }) => tarSample(key, label, image)),
          flavour,
        ),
      );
      const root = folderOf(Object.fromEntries(tars.map((tar, i) => [`${i}.tar`, tar])));
      const written = shards.flatMap(({ samples }) =>
        samples.map(({ key, label, image }) => [`${key}.jpg`, label, Buffer.from(image).toString('latin1')]),
      );
      expect(await contentsOf(await webDataset(root))).toEqual(written);
    };
    await fc.assert(fc.asyncProperty(anyShards, roundTrip), { numRuns: 40 });
  });

  it.each(flavours)('reads a tar as %s writes it', async (flavour) => {
    const entries = [...tarSample('one', 1, Buffer.alloc(512, 7)), ...tarSample('folder/two', 2, '')];
    expect(await contentsOf(await open(entries, flavour))).toEqual([
      ['one.jpg', 1, '\x07'.repeat(512)],
      ['folder/two.jpg', 2, ''],
    ]);
  });

  it('reads paths of up to 255 bytes from the two fields of ustar', async () => {
    const key = `${'d'.repeat(150)}/${'f'.repeat(90)}`;
    expect(await contentsOf(await open(tarSample(key, 0, 'x')))).toEqual([[`${key}.jpg`, 0, 'x']]);
  });

  it.skipIf(!hasGnuTar).each(['ustar', 'gnu', 'pax', 'v7'])(
    'reads what GNU tar writes (%s)',
    async (format) => {
      const folder = `${'d'.repeat(format === 'v7' ? 20 : 90)}/${'e'.repeat(20)}`;
      const files = {
        [`${folder}/1.jpg`]: 'one',
        [`${folder}/1.cls`]: '4',
        '2.png': 'x'.repeat(2000),
        '2.cls': '0',
      };
      const [root, target] = [folderOf(files), folderOf()];
      execFileSync('tar', [
        `--format=${format}`,
        '-cf',
        join(target, 'a.tar'),
        '-C',
        root,
        ...Object.keys(files),
      ]);
      expect(await contentsOf(await webDataset(target))).toEqual([
        [`${folder}/1.jpg`, 4, 'one'],
        ['2.png', 0, 'x'.repeat(2000)],
      ]);
    },
  );

  // Windows would fill the hole
  it.skipIf(process.platform === 'win32')(
    'lists samples that lie beyond 4 GiB without reading what is between them',
    async () => {
      const path = join(folderOf(), 'large.tar');
      const size = 5 * 2 ** 30;
      writeFileSync(path, tarHeader('large.bin', size));
      truncateSync(path, 512 + size);
      writeFileSync(path, tarOf(tarSample('a', 1)), { flag: 'a' });
      const dataset = await webDataset(path);
      expect(dataset.locator(0)).toEqual([0, size + 4 * 512, 1]);
    },
  );
});

describe('the classes of a webDataset', () => {
  const sample = (key: string, members: Record<string, string>): TarEntry[] => [
    { name: `${key}.jpg`, data: key },
    ...Object.entries(members).map(([field, data]) => ({ name: `${key}.${field}`, data })),
  ];
  const labelled = (dataset: Dataset) =>
    Array.from({ length: dataset.length }, (_, i) => [dataset.key(i), dataset.classes[dataset.label(i)]]);

  it('are the names that the samples say, sorted, over all shards', async () => {
    const root = folderOf({
      '1.tar': tarOf([...tarSample('a', ' emu\n'), ...tarSample('b', 'cat')]),
      '2.tar': tarOf([...tarSample('c', 'Österreich'), ...tarSample('d', 'emu')]),
    });
    const dataset = await webDataset(root);
    expect(dataset.classes).toEqual(['cat', 'emu', 'Österreich']);
    expect([0, 1, 2, 3].map((index) => dataset.label(index))).toEqual([1, 0, 2, 1]);
  });

  it('are in .cls, or where no sample has one, in .txt, or in .json as a text or number', async () => {
    const classesOf = async (...samples: TarEntry[][]) =>
      labelled(await open(samples.flat())).map(([, name]) => name);
    const [txt, json] = [sample('b', { txt: '1\n', json: '2' }), sample('c', { json: '"3"' })];
    expect(await classesOf(sample('a', { cls: '0', txt: 'a caption', json: '{}' }))).toEqual(['0']);
    expect(await classesOf(txt, sample('a', { txt: '4' }))).toEqual(['1', '4']);
    expect(await classesOf(json, sample('d', { json: '2' }))).toEqual(['3', '2']);
  });

  it('are not taken from a caption where other samples have .cls, before or after it', async () => {
    const whole = (key: string) => sample(key, { cls: '1', txt: `photo of ${key}` });
    const dataset = await open(
      [sample('a', { txt: 'a caption' }), whole('b'), sample('c', { json: '5' })].flat(),
    );
    expect(dataset.classes).toEqual(['0', '1']);
    expect([0, 1, 2].map((index) => dataset.label(index))).toEqual([-1, 1, -1]);
    const reader = await openReader(dataset.reader);
    for (const [index, key] of [
      [0, 'a'],
      [2, 'c'],
    ] as const)
      expect(() => reader.read(dataset.locator(index))).toThrow(
        `shard.tar: sample has no class (expected ${key}.cls next to it: a sample's members`,
      );
    await reader.close();
  });

  it('are where labelKey says in .json, whatever else there is', async () => {
    const tar = tarOf([
      ...sample('a', { cls: '7', json: '{"class":"cat","is":{"a":["x","emu"]}}' }),
      ...sample('b', { json: '{"class":"dog","is":{"a":["x","cat"]}}' }),
      ...sample('c', { json: '{"class":' }),
    ]);
    const path = join(folderOf({ '1.tar': tar }), '1.tar');
    expect(labelled(await webDataset(path, { labelKey: 'class' })).map(([, name]) => name)).toEqual([
      'cat',
      'dog',
      undefined,
    ]);
    expect(labelled(await webDataset(path, { labelKey: 'is.a.1' })).map(([, name]) => name)).toEqual([
      'emu',
      'cat',
      undefined,
    ]);
    await expect(() => webDataset(path, { labelKey: 'is.b' })).rejects.toThrow(
      /a\.json: has no is\.b \(labelKey, --label-key\); its keys are: a$/,
    );
  });

  it('have the numbers of the names that are given', async () => {
    const path = join(
      folderOf({ '1.tar': tarOf([...tarSample('a', 'dog'), ...tarSample('b', 'cat')]) }),
      '1.tar',
    );
    const dataset = await webDataset(path, { classes: ['dog', 'fish', 'cat'] });
    expect([dataset.label(0), dataset.label(1), dataset.classes.length]).toEqual([0, 2, 3]);
    await expect(() => webDataset(path, { classes: ['cat', 'fish'] })).rejects.toThrow(
      /1\.tar: a\.jpg: class "dog" is none of the 2 given/,
    );
  });

  it.each([
    ['3 7', [3, 7]],
    ['7,3\n', [3, 7]],
    ['7\r\n3\r\n0\r\n', [0, 3, 7]],
    // as WebDataset's writer has a list of Python's and an array of NumPy's
    ['[7, 3]', [3, 7]],
    ['[ 3  7]', [3, 7]],
    ['[3]', [3]],
    ['[]', []],
  ])('are several where .cls has a list of numbers: %j', async (cls, expected) => {
    const dataset = await open([...tarSample('a', '0 9'), ...tarSample('b', cls), ...tarSample('c', 3)]);
    expect([0, 1, 2].map((index) => dataset.labels?.(index))).toEqual([[0, 9], expected, [3]]);
    expect(dataset.classes.length).toBe(10);
  });

  it('may be a list of hundreds, and are the same as those of .json', async () => {
    const list = Array.from({ length: 300 }, (_, at) => 3 * at);
    const [cls, json] = await Promise.all([
      open(sample('a', { cls: list.join(' ') })),
      open(sample('a', { json: JSON.stringify(list) })),
    ]);
    expect(cls.labels?.(0)).toEqual(list);
    expect(await datasetDigest(cls)).toBe(await datasetDigest(json));
  });

  it('are one name where .cls has a word, or .txt numbers', async () => {
    const names = ['3 bears', '3, 7, x', 'a 1'];
    const dataset = await open(names.flatMap((name, at) => tarSample(`${at}`, name)));
    expect([dataset.labels, dataset.classes]).toEqual([undefined, names]);
    expect((await open(sample('a', { txt: '3 7' }))).classes).toEqual(['3 7']);
  });

  it.each(['3 3', '0.1 0.9', '[-1]', '5000000 1', `${'1 '.repeat(2100)}2`, 'x'.repeat(70)])(
    'are refused where .cls has %s',
    async (cls) => {
      const dataset = await open([...tarSample('a', 1), ...tarSample('b', cls)]);
      const reader = await openReader(dataset.reader);
      expect(() => reader.read(dataset.locator(1))).toThrow(
        /b\.cls: expected (a list of classes|the class as)/,
      );
      await reader.close();
    },
  );

  it('are refused where some are numbers and others are names', async () => {
    const act = () => open([...tarSample('a', 3), ...tarSample('b', 'cat')]);
    await expect(act).rejects.toThrow(
      /b\.jpg has the name "cat", and .*a\.jpg has the number 3: classes must be all/,
    );
    await expect(act).rejects.toThrow(expect.objectContaining({ code: 'MIXED_CLASSES', sample: 'b.jpg' }));
  });

  it.each([
    ['no class', [], 'NO_CLASS', 'sample has no class (expected b.cls next to it'],
    ['no text in its class', [{ name: 'b.cls' }], 'INVALID_CLASS', 'b.cls: expected the class as'],
  ])('leave a sample with %s as a bad one among others', async (_, members, code, message) => {
    const dataset = await open([
      ...tarSample('a', 1),
      { name: 'b.jpg', data: 'b' },
      ...members,
      ...tarSample('c', 0),
    ]);
    expect(Array.from({ length: 3 }, (_, i) => dataset.label(i))).toEqual([1, -1, 0]);
    expect(dataset.classes).toEqual(['0', '1']);
    const reader = await openReader(dataset.reader);
    const read = () => reader.read(dataset.locator(1));
    expect(read).toThrow(expect.objectContaining({ name: 'DataError', code }));
    expect(read).toThrow(`shard.tar: ${message}`);
    expect(String(await reader.read(dataset.locator(2)))).toBe('c');
    await reader.close();
  });
});

describe('the members of a webDataset', () => {
  const two: TarEntry[] = [
    { name: 'a.left.png', data: 'left' },
    { name: 'a.Right.PNG', data: 'right' },
    { name: 'a.png', data: 'whole' },
    { name: 'a.bin', data: 'pixels' },
    { name: 'a.cls', data: '0' },
  ];
  const path = () => join(folderOf({ '1.tar': tarOf(two) }), '1.tar');

  it.each([
    [undefined, 'a.png', 'whole'],
    ['png', 'a.png', 'whole'],
    ['left.png', 'a.left.png', 'left'],
    ['right.png', 'a.Right.PNG', 'right'],
    ['bin', 'a.bin', 'pixels'],
  ])('are chosen by imageMember %s', async (imageMember, key, image) => {
    expect(await contentsOf(await webDataset(path(), { imageMember }))).toEqual([[key, 0, image]]);
  });

  it('are asked for where there are several, or only such as have two dots', async () => {
    await expect(() => open([...tarSample('a', 0), { name: 'a.png' }])).rejects.toThrow(
      /imageMember \(--image-member\) chooses/,
    );
    await expect(() => open(two.filter(({ name }) => name !== 'a.png'))).rejects.toThrow(
      /a\.left\.png: sample has no image .*the first dot .*\(--image-member left\.png\)/,
    );
    await expect(() => webDataset(path(), { imageMember: 'jpg' })).rejects.toThrow(
      /sample has no image \(expected a\.jpg next/,
    );
  });
});

describe('lists of shards in braces', () => {
  it.each([
    ['s-{000..002}.tar', ['s-000.tar', 's-001.tar', 's-002.tar']],
    ['{8..10}.tar', ['8.tar', '9.tar', '10.tar']],
    ['{08..10}.tar', ['08.tar', '09.tar', '10.tar']],
    ['{2..0}.tar', ['2.tar', '1.tar', '0.tar']],
    ['{b,a}-{1..2}.tar', ['b-1.tar', 'b-2.tar', 'a-1.tar', 'a-2.tar']],
    ['{x}{}{1..}.tar', ['{x}{}{1..}.tar']],
  ])('stand for what a shell makes of %s', (pattern, expected) => {
    expect(expandBraces(pattern)).toEqual(expected);
    expect(hasBraceList(pattern)).toBe(expected.length > 1);
  });

  it('are refused where they stand for more shards than anybody has', () => {
    for (const pattern of ['{0..9999999}.tar', '{0..9999}{0..9999}.tar'])
      expect(() => expandBraces(pattern)).toThrow(expect.objectContaining({ code: 'TOO_MANY_SHARDS' }));
  });

  it('name shards and folders, but not where a file has such a name', async () => {
    const root = folderOf({
      'x/00.tar': tarOf(tarSample('a', 0)),
      'x/01.tar': tarOf(tarSample('b', 1)),
      'y/9.tar': tarOf(tarSample('c', 2)),
      '{1,2}.tar': tarOf(tarSample('d', 3)),
    });
    const keysOf = async (...paths: string[]) =>
      Array.from(openedKeys(await webDataset(paths.map((path) => join(root, path)))));
    expect(await keysOf('x/{00..01}.tar')).toEqual(['a.jpg', 'b.jpg']);
    expect(await keysOf('{y,x}')).toEqual(['c.jpg', 'a.jpg', 'b.jpg']);
    expect(await keysOf('{1,2}.tar')).toEqual(['d.jpg']);
    await expect(() => keysOf('x/{00..02}.tar')).rejects.toThrow(/02\.tar: no such file/);
    const dataset = await openDataset(join(root, 'x/{01,00}.tar'), { split: 'train' });
    expect([...openedKeys(dataset)]).toEqual(['b.jpg', 'a.jpg']);
    expect(dataset.name).toBe(`webDataset(${join(root, 'x/{01,00}.tar')})`);
  });

  function* openedKeys(dataset: Dataset): Generator<string> {
    for (let i = 0; i < dataset.length; i++) yield dataset.key(i);
  }
});

describe('empty shards', () => {
  it('are skipped among others, and a message names them', async () => {
    const root = folderOf({
      '1.tar': tarOf([]),
      '2.tar': tarOf(tarSample('a', 0)),
      '3.tar': tarOf([{ name: 'readme.txt' }]),
      '4.tar': '',
      '5.tar': tarOf(tarSample('b', 1)),
    });
    const messages: string[] = [];
    const dataset = await openDataset(root, { onMessage: (message) => messages.push(message) });
    expect([dataset.length, dataset.key(0), dataset.key(1)]).toEqual([2, 'a.jpg', 'b.jpg']);
    expect(dataset.place?.(1)?.path).toBe(join(root, '5.tar'));
    const names = ['1', '3', '4'].map((name) => join(root, `${name}.tar`)).join(', ');
    expect(messages).toEqual([`3 of 5 shards skipped, which have no samples: ${names}`]);
  });
});

describe('webDataset refuses', () => {
  const [cls, jpg] = tarSample('a', 0) as [TarEntry, TarEntry];
  it.each<[string, string, string, TarEntry[]]>([
    ['a sample without class', 'NO_CLASS', 'a.jpg: sample has no class (expected a.cls next to it', [jpg]],
    ['a sample without image', 'NO_IMAGE', 'a.cls: sample has no image', [cls, { name: 'a.json' }]],
    ['members that do not follow one another', 'NO_IMAGE', 'a.cls: ', [cls, ...tarSample('b', 1), jpg]],
    [
      'two images in a sample',
      'TWO_IMAGES',
      'a.png: sample has an image already: a.jpg',
      [cls, jpg, { name: 'a.png' }],
    ],
    ['two classes in a sample', 'TWO_CLASSES', 'a.cls: sample has a class already', [cls, jpg, cls]],
    ['names with a second dot', 'NO_IMAGE', 'a.1.jpg: sample has no image', tarSample('a.1', 0).reverse()],
    [
      'a key that is there twice',
      'DUPLICATE_KEY',
      'key a already',
      [cls, jpg, ...tarSample('b', 1), cls, jpg],
    ],
    [
      'lines for a class',
      'INVALID_CLASS',
      'a.cls: expected the class as an integer',
      tarSample('a', 'cat\ndog'),
    ],
    [
      'bytes that are no text for a class',
      'INVALID_CLASS',
      'a.cls: ',
      [{ name: 'a.cls', data: Buffer.of(0xff) }, jpg],
    ],
    [
      'a class as an object of JSON without a key',
      'INVALID_CLASS',
      'a.json: labelKey (--label-key) must say where the class is; its keys are: id, class',
      [jpg, { name: 'a.json', data: '{"id":1,"class":2}' }],
    ],
    [
      'a class in JSON that is cut',
      'INVALID_CLASS',
      'a.json: is not JSON: ',
      [jpg, { name: 'a.json', data: '{"a":' }],
    ],
    [
      'a class in lists of JSON that are nested too deeply to be shown',
      'INVALID_CLASS',
      'a.json: expected a list of classes, each once and an integer of 0..4194303 or a name of at most 64 bytes on one line, got lists nested',
      [jpg, { name: 'a.json', data: '['.repeat(50_000).concat(']'.repeat(50_000)) }],
    ],
    ['a class below 0', 'INVALID_CLASS', 'got "-1"', tarSample('a', -1)],
    ['a class with a fraction', 'INVALID_CLASS', 'got "1.5"', tarSample('a', 1.5)],
    ['an empty class', 'INVALID_CLASS', 'got ""', tarSample('a', '')],
    ['a class too high to name them all', 'INVALID_CLASS', 'of 0..4194303', tarSample('a', 4194304)],
    ['a class of many bytes', 'INVALID_CLASS', 'a.cls', tarSample('a', ' '.repeat(100).concat('1'))],
    ['a shard without samples', 'EMPTY_SHARD', 'has no samples', [{ name: 'readme.txt' }]],
    ['an empty tar', 'EMPTY_SHARD', 'has no samples', []],
    ['a link named like an image', 'NOT_A_FILE', 'a.jpg: is not a file', [cls, { name: 'a.jpg', type: '2' }]],
    ['a folder named like an image', 'NOT_A_FILE', 'a.jpg: is not a file', [{ name: 'a.jpg/', type: '5' }]],
    ['a sparse file', 'SPARSE_MEMBER', 'a.jpg: is a sparse file', [cls, { name: 'a.jpg', type: 'S' }]],
    [
      'a sparse file of pax',
      'SPARSE_MEMBER',
      'a.jpg: is a sparse file',
      [
        { name: 'p', type: 'x', data: paxRecords({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'a.jpg' }) },
        cls,
        jpg,
      ],
    ],
    [
      'a pax header without lengths',
      'DAMAGED_TAR',
      'a pax header',
      [{ name: 'p', type: 'x', data: 'path=a' }, cls],
    ],
    [
      'a pax header with a size below 0',
      'DAMAGED_TAR',
      'with the size -1',
      [{ name: 'p', type: 'x', data: paxRecords({ size: '-1' }) }, cls],
    ],
    [
      'a long name of more than 1 MiB',
      'DAMAGED_TAR',
      'a header of 1048577 bytes',
      [{ name: 'l', type: 'L', data: Buffer.alloc(2 ** 20 + 1, 'a') }, cls, jpg],
    ],
    [
      'a header for a member that is missing',
      'DAMAGED_TAR',
      'wrong checksum',
      [{ name: 'l', type: 'L', data: 'b' }],
    ],
  ])('%s', async (_, code, message, entries) => {
    const act = () => open(entries);
    await expect(act).rejects.toThrow(expect.objectContaining({ name: 'DataError', code }));
    await expect(act).rejects.toThrow(message);
    await expect(act).rejects.toThrow('shard.tar: ');
  });

  it.each([
    ['an empty file', 'NOT_A_TAR', 'is empty', Buffer.alloc(0)],
    ['another file', 'NOT_A_TAR', 'not a tar header', Buffer.alloc(4096, 'text')],
    ['a short file', 'TRUNCATED_TAR', 'is cut', Buffer.from('text')],
    ['gzip', 'COMPRESSED_TAR', 'gzip; decompress it first', gzipSync(tarOf(tarSample('a', 0)))],
    ['zstd', 'COMPRESSED_TAR', 'zstd; decompress it first', Buffer.from('28b52ffd00000000', 'hex')],
    [
      'two tars in one file',
      'DAMAGED_TAR',
      'more after',
      Buffer.concat([1, 2].map((i) => tarOf(tarSample(`${i}`, 0)))),
    ],
  ])('%s', async (_, code, message, bytes) => {
    await expect(() => shardOf(bytes)).rejects.toThrow(expect.objectContaining({ name: 'DataError', code }));
    await expect(() => shardOf(bytes)).rejects.toThrow(message);
  });

  it('one key in two shards, naming both', async () => {
    const root = folderOf({ '1.tar': tarOf(tarSample('a', 0)), '2.tar': tarOf(tarSample('a', 1)) });
    await expect(() => webDataset(root)).rejects.toThrow(
      `${join(root, '2.tar')}: a.jpg: there is a sample with the key a already, in ${join(root, '1.tar')}`,
    );
  });

  it('a compressed shard among others, rather than to pass over it', async () => {
    const root = folderOf({
      '1.tar': tarOf(tarSample('a', 0)),
      '2.tar.gz': gzipSync(tarOf(tarSample('b', 1))),
    });
    await expect(() => webDataset(root)).rejects.toThrow(/2\.tar\.gz: is compressed with gzip/);
  });

  it('a folder without shards, and paths that are no files', async () => {
    const root = folderOf({ 'x.tar/readme.txt': '' });
    await expect(() => webDataset(join(root, 'x.tar'))).rejects.toThrow(
      expect.objectContaining({ code: 'NO_SHARDS' }),
    );
    await expect(() => webDataset(root)).rejects.toThrow(/x\.tar: is not a file/);
    await expect(() => webDataset(join(root, 'gone.tar'))).rejects.toThrow(/gone\.tar: no such file/);
    await expect(() => webDataset([])).rejects.toThrow('has no .tar files');
  });

  it('a tar that is cut anywhere, at every block and within blocks', async () => {
    const whole = tarOf([...tarSample('a', 0, Buffer.alloc(700)), ...tarSample('b', 1)], 'pax');
    const path = join(folderOf(), 'shard.tar');
    // two blocks of zeros end the tar; a's two members take nine blocks
    const wholeAt = (length: number) => length >= whole.length - 2 * 512 || length === 9 * 512;
    for (let length = 0; length < whole.length; length += 128) {
      if (wholeAt(length)) continue;
      writeFileSync(path, whole.subarray(0, length));
      await expect(() => webDataset(path), `${length} bytes`).rejects.toThrow(
        expect.objectContaining({ code: length === 0 ? 'NOT_A_TAR' : 'TRUNCATED_TAR' }),
      );
    }
  });

  it('a tar in whose headers any bit has flipped', async () => {
    const whole = tarOf([...tarSample('a', 0), ...tarSample('b', 1)]);
    const path = join(folderOf(), 'shard.tar');
    // not those of the checksum itself: it may stand there with NULs or spaces
    const bit = fc.nat(512 * 8 - 1).filter((at) => at < 148 * 8 || at >= 156 * 8);
    const refuses = async (header: number, at: number) => {
      const tar = Buffer.from(whole);
      tar.writeUInt8(tar.readUInt8(header + (at >> 3)) ^ (1 << (at & 7)), header + (at >> 3));
      writeFileSync(path, tar);
      const code = header === 0 ? 'NOT_A_TAR' : 'DAMAGED_TAR';
      await expect(() => webDataset(path)).rejects.toThrow(expect.objectContaining({ code }));
    };
    await fc.assert(fc.asyncProperty(fc.constantFrom(0, 1024, 2048, 3072), bit, refuses), { numRuns: 200 });
  });
});

it('webDataset gives samples or a DataError for any bytes in headers with right checksums', async () => {
  const whole = tarOf([...tarSample('a', 0), ...tarSample('b', 1)], 'pax');
  const path = join(folderOf(), 'shard.tar');
  const mutation = fc.record({ at: fc.nat(whole.length - 1), byte: fc.integer({ min: 0, max: 255 }) });
  const survives = async (mutations: { at: number; byte: number }[]) => {
    const tar = Buffer.from(whole);
    for (const { at, byte } of mutations) tar[at] = byte;
    for (let header = 0; header < tar.length - 1024; header += 512)
      if (whole.toString('latin1', header + 257, header + 262) === 'ustar') writeChecksum(tar, header);
    writeFileSync(path, tar);
    try {
      expect((await webDataset(path)).length).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toBeInstanceOf(DataError);
    }
  };
  await fc.assert(fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 40 }), survives), {
    numRuns: 300,
  });
});

describe('the tar reader', () => {
  it('reads more shards than it keeps open, in any order, large images and small ones', async () => {
    const sizes = Array.from({ length: 150 }, (_, i) => (i === 77 ? 3_000_000 : i));
    const tars = sizes.map((size, i) => [
      `${String(i).padStart(3, '0')}.tar`,
      tarOf(tarSample(`s${i}`, i, Buffer.alloc(size, i))),
    ]);
    const dataset = await webDataset(folderOf(Object.fromEntries(tars)));
    const reader = await openReader(dataset.reader);
    for (let i = 0; i < 450; i++) {
      const index = (i * 77) % 150;
      const image = (await reader.read(dataset.locator(index))) as Buffer;
      expect(image.equals(Buffer.alloc(sizes[index] as number, index))).toBe(true);
    }
    await reader.close();
  });

  it.skipIf(!existsSync('/proc/self/fd'))('keeps 64 shards open at most, and none when closed', async () => {
    const tars = Array.from({ length: 100 }, (_, i) => [`${i}.tar`, tarOf(tarSample(`s${i}`, 0))]);
    const dataset = await webDataset(folderOf(Object.fromEntries(tars)));
    const openFiles = () => readdirSync('/proc/self/fd').length;
    const before = openFiles();
    const reader = await openReader(dataset.reader);
    for (let i = 0; i < 100; i++) reader.read(dataset.locator(i));
    expect(openFiles() - before).toBe(64);
    await reader.close();
    expect(openFiles()).toBe(before);
  });

  it('says so where a shard was cut or has gone since it was listed', async () => {
    const root = folderOf({ 'a.tar': tarOf(tarSample('a', 0, 'image')) });
    const dataset = await webDataset(root);
    truncateSync(join(root, 'a.tar'), 3 * 512 + 2);
    const reader = await openReader(dataset.reader);
    expect(() => reader.read(dataset.locator(0))).toThrow(
      /a\.tar: is cut: expected 5 bytes at offset 1536, got 2/,
    );
    await reader.close();
    rmSync(join(root, 'a.tar'));
    const again = await openReader(dataset.reader);
    expect(() => again.read(dataset.locator(0))).toThrow(expect.objectContaining({ code: 'MISSING_FILE' }));
  });
});
