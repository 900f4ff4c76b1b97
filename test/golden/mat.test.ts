import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { MatArray } from '../../src/datasets/imagenet/mat/mat-array.ts';
import { readMatFile } from '../../src/datasets/imagenet/mat/mat-file.ts';
import { DataError } from '../../src/index.ts';

const golden: Readonly<Record<string, string>> = JSON.parse(readFileSync('test/golden/mat.json', 'utf8'));
const bytesOf = (name: string): Buffer => Buffer.from(golden[name] as string, 'base64');
const read = (name: string) => readMatFile(bytesOf(name), 'a.mat');

/** Arrays as plain values. */
function plain(array: MatArray | undefined): unknown {
  if (array?.kind === 'numbers') return [array.shape.join('x'), ...array.values];
  if (array?.kind === 'text') return array.value;
  if (array?.kind !== 'struct') return array;
  return array.elements.map((fields) =>
    Object.fromEntries([...fields].map(([name, value]) => [name, plain(value)])),
  );
}

describe("MATLAB's files", () => {
  it.each(['meta', 'meta-stored'])('give struct arrays of texts and numbers: %s', (name) => {
    const arrays = read(name);
    expect([...arrays.keys()]).toEqual(['synsets']);
    const synsets = arrays.get('synsets');
    expect(synsets).toMatchObject({ kind: 'struct', shape: [5, 1] });
    const rows = plain(synsets) as unknown[];
    expect(rows[2]).toEqual({
      ILSVRC2012_ID: ['1x1', 3],
      WNID: 'n04264628',
      words: 'space bar, é',
      gloss: 'gloss of space bar, é',
      num_children: ['1x1', 0],
      children: ['1x0'],
      wordnet_height: ['1x1', 0],
      num_train_images: ['1x1', 1300],
    });
    expect(rows[4]).toMatchObject({ num_children: ['1x1', 2], children: ['1x2', 2, 3] });
  });

  it('give numbers of any size, texts of any character, and what lies in one another', () => {
    const arrays = read('arrays');
    const types = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'];
    for (const type of [...types, 'float32', 'float64'])
      expect(plain(arrays.get(type)), type).toEqual(['2x3', 1, 4, 2, 5, 3, 100]);
    expect(plain(arrays.get('negative'))).toEqual(['1x2', -1, -128]);
    expect(plain(arrays.get('complex'))).toEqual(['1x2', 1, 3]);
    expect(plain(arrays.get('rows'))).toBe('abc\ndef');
    expect(plain(arrays.get('greek'))).toBe('αβ😀');
    expect(plain(arrays.get('nothing'))).toBe('');
    expect(plain(arrays.get('empty'))).toEqual(['0x3']);
    expect(arrays.get('cells')).toEqual({ kind: 'other', shape: [1, 2], class: 1 });
    expect(plain(arrays.get('nested'))).toEqual([{ inner: [{ value: ['1x1', 7], name: 'seven' }] }]);
  });

  it('may be of the other order of bytes, with small elements and packed ones', () => {
    const arrays = read('big-endian');
    expect(plain(arrays.get('numbers'))).toEqual(['1x2', 513, 7]);
    expect(plain(arrays.get('text'))).toBe('ok');
  });

  it.each<[string, Buffer, RegExp]>([
    ['of version 4', bytesOf('version 4'), /a\.mat: is MATLAB's version 4: save it again/],
    [
      'of version 7.3',
      Buffer.from(`${'MATLAB 7.3 MAT-file'.padEnd(124)}\0\x02IM`, 'latin1'),
      /is MATLAB's version 7\.3, which is HDF5/,
    ],
    ['in HDF5', Buffer.from(`\x89HDF\r\n\x1a\n${'x'.repeat(200)}`, 'latin1'), /version 7\.3/],
    ['a text', Buffer.from('n01440764 tench\n'.repeat(20)), /is not a file of MATLAB's/],
    ['empty', Buffer.alloc(0), /is not a file of MATLAB's/],
  ])('%s are refused by name', (_, file, message) => {
    expect(() => readMatFile(file, 'a.mat')).toThrow(message);
  });

  it.each(['meta', 'meta-stored', 'arrays', 'big-endian'])('are refused where %s is cut', (name) => {
    const bytes = bytesOf(name);
    const whole = read(name);
    for (let length = 0; length < bytes.length; length += 1 + (length >> 6)) {
      let arrays: ReadonlyMap<string, MatArray> = new Map();
      try {
        arrays = readMatFile(bytes.subarray(0, length), 'a.mat');
      } catch (error) {
        expect(error, String(length)).toBeInstanceOf(DataError);
      }
      // between two arrays nothing tells
      expect(arrays.size, String(length)).toBeLessThan(whole.size);
    }
  });

  it('with a changed byte are a named error, or arrays', () => {
    const bytes = bytesOf('meta-stored');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      try {
        expect(readMatFile(changed, 'a.mat')).toBeInstanceOf(Map);
      } catch (error) {
        expect(error, String(at)).toBeInstanceOf(DataError);
      }
    }
  });
});
