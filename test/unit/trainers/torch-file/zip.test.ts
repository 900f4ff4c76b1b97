import { describe, expect, it } from 'vitest';
import { readZip } from '../../../../src/trainers/torch-file/zip.ts';
import { torchGolden, zipOf } from '../../../support/torch-files.ts';

const content = Buffer.from('content');
const ENTRY = Buffer.from([0x50, 0x4b, 1, 2]);

/** A zip of one entry, with a number of its directory changed. */
function changed(at: number, value: number): Buffer {
  const file = zipOf(new Map([['a', content]]));
  file.writeUInt16LE(value, file.indexOf(ENTRY) + at);
  return file;
}

describe('a zip of torch.save', () => {
  it('has its contents by name', () => {
    const entries = new Map([
      ['a', content],
      ['b/c', Buffer.alloc(0)],
    ]);
    expect([...readZip(zipOf(entries))].map(([name, bytes]) => [name, Buffer.from(bytes)])).toEqual([
      ...entries,
    ]);
    expect(readZip(torchGolden('state-dict.pth')).has('state-dict/data.pkl')).toBe(true);
  });

  it('may lie anywhere in memory', () => {
    const file = zipOf(new Map([['a', content]]));
    const within = Buffer.concat([Buffer.alloc(5), file]).subarray(5);
    expect(Buffer.from(readZip(within).get('a') ?? [])).toEqual(content);
  });

  it.each<[string, Buffer, RegExp]>([
    ['is compressed', changed(10, 8), /a is compressed, which torch\.save never does/],
    ['is encrypted', changed(8, 1), /zip: a is encrypted/],
    ['has another checksum', changed(16, 1), /a has another checksum/],
    ['is beyond the file', changed(44, 1), /zip: is damaged: expected 30 bytes at offset 65536/],
  ])('is refused where an entry %s', (_, file, message) => {
    expect(() => readZip(file)).toThrow(expect.objectContaining({ code: 'DAMAGED_TORCH_FILE' }));
    expect(() => readZip(file)).toThrow(message);
  });

  it('is refused where entries share their bytes', () => {
    const file = zipOf(new Map([['a', Buffer.alloc(1000)]]));
    const directory = file.subarray(file.indexOf(ENTRY), -22);
    const end = Buffer.from(file.subarray(-22));
    end.writeUInt16LE(2, 10);
    const twice = Buffer.concat([file.subarray(0, -22), directory, end]);
    expect(() => readZip(twice)).toThrow(/zip: entries of 2000 bytes in a file of \d+/);
  });
});
