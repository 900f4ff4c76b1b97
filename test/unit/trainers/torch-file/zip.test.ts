import { describe, expect, it } from 'vitest';
import { readZip } from '../../../../src/trainers/torch-file/zip.ts';
import { torchGolden, zipOf } from '../../../support/torch-files.ts';

const content = Buffer.from('content');

/** A zip of one entry, whose sizes and place are in the field of zip64, after a field of another kind. */
function zip64(): Buffer {
  const file = zipOf(new Map([['a', content]]));
  const directory = file.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  const entry = Buffer.from(file.subarray(directory, directory + 47));
  for (const at of [20, 24, 42]) entry.writeUInt32LE(0xffff_ffff, at);
  const other = Buffer.from([0x55, 0x54, 1, 0, 9]);
  const field = Buffer.alloc(28);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(24, 2);
  field.writeBigUInt64LE(BigInt(content.length), 4);
  field.writeBigUInt64LE(BigInt(content.length), 12);
  entry.writeUInt16LE(other.length + field.length, 30);
  return Buffer.concat([file.subarray(0, directory), entry, other, field, file.subarray(directory + 47)]);
}

describe('a zip', () => {
  it('has its entries by name', () => {
    const entries = new Map([
      ['a', content],
      ['b/c', Buffer.alloc(0)],
    ]);
    expect([...readZip(zipOf(entries))].map(([name, bytes]) => [name, Buffer.from(bytes)])).toEqual([
      ...entries,
    ]);
  });

  it('may have sizes and places of 64 bits, as torch.save writes its directory', () => {
    expect(Buffer.from(readZip(zip64()).get('a') ?? [])).toEqual(content);
    const saved = torchGolden('state-dict.pth');
    expect(saved.includes(Buffer.from([0x50, 0x4b, 6, 6]))).toBe(true);
    expect(readZip(saved).has('state-dict/data.pkl')).toBe(true);
  });

  it.each<[string, number, number, RegExp]>([
    ['a directory that is not where it should be', 16, 1, /damaged directory/],
    ['a directory beyond the file', 16, 1_000_000, /ends at byte/],
    ['more entries than it has', 10, 2, /damaged directory/],
  ])('with %s is damaged', (_, at, value, message) => {
    const file = zipOf(new Map([['a', content]]));
    const end = file.length - 22;
    if (at === 10) file.writeUInt16LE(value, end + at);
    else file.writeUInt32LE(value, end + at);
    expect(() => readZip(file)).toThrow(message);
  });

  it('with an entry that is encrypted, or beyond the file, is damaged', () => {
    const file = zipOf(new Map([['a', content]]));
    const directory = file.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    const encrypted = Buffer.from(file);
    encrypted[directory + 8] = 1;
    expect(() => readZip(encrypted)).toThrow(/a is encrypted/);
    const beyond = Buffer.from(file);
    beyond.writeUInt32LE(file.length, directory + 42);
    expect(() => readZip(beyond)).toThrow(/a: ends at byte/);
  });
});
