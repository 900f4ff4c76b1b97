import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { zipEntries } from '../../../src/core/zip-entries.ts';
import { DataError } from '../../../src/index.ts';
import { torchGolden, zipOf } from '../../support/torch-files.ts';

const content = Buffer.from('content');
const one = (): Buffer => zipOf(new Map([['a', content]]));
const ENTRY = Buffer.from([0x50, 0x4b, 1, 2]);

const entriesOf = (file: Buffer) =>
  zipEntries(
    { size: file.length, view: (position, length) => file.subarray(position, position + length) },
    (code, reason) => new DataError(code, `a.zip: ${reason}`),
  );
const contentsOf = (file: Buffer) =>
  entriesOf(file).map(({ name, offset, packedSize }) => [
    name,
    file.toString('utf8', offset, offset + packedSize),
  ]);

/** A zip of one entry, whose sizes and place are in the field of zip64, after a field of another kind. */
function zip64(fieldBytes = 28): Buffer {
  const file = one();
  const directory = file.indexOf(ENTRY);
  const entry = Buffer.from(file.subarray(directory, directory + 47));
  for (const at of [20, 24, 42]) entry.writeUInt32LE(0xffff_ffff, at);
  const other = Buffer.from([0x55, 0x54, 1, 0, 9]);
  const field = Buffer.alloc(28);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(24, 2);
  field.writeBigUInt64LE(BigInt(content.length), 4);
  field.writeBigUInt64LE(BigInt(content.length), 12);
  entry.writeUInt16LE(other.length + fieldBytes, 30);
  const extra = Buffer.concat([other, field.subarray(0, fieldBytes)]);
  return Buffer.concat([file.subarray(0, directory), entry, extra, file.subarray(directory + 47)]);
}

/** A zip of one entry, with a number of its directory changed. */
function changed(at: number, value: number): Buffer {
  const file = one();
  file.writeUInt16LE(value, file.indexOf(ENTRY) + at);
  return file;
}

describe('the entries of a zip', () => {
  it('are those of its directory, with their places', () => {
    const entries = new Map([
      ['a', content],
      ['b/é', Buffer.alloc(0)],
    ]);
    expect(contentsOf(zipOf(entries))).toEqual([
      ['a', 'content'],
      ['b/é', ''],
    ]);
    expect(entriesOf(zipOf(new Map()))).toEqual([]);
  });

  it('are found before a comment, whatever is in that', () => {
    const file = one();
    const comment = Buffer.alloc(65_535, 'PK\x05');
    file.writeUInt16LE(comment.length, file.length - 2);
    expect(contentsOf(Buffer.concat([file, comment]))).toEqual([['a', 'content']]);
  });

  it('may have sizes and places of 64 bits, as torch.save writes its directory', () => {
    expect(contentsOf(zip64())).toEqual([['a', 'content']]);
    const saved = torchGolden('state-dict.pth');
    expect(saved.includes(Buffer.from([0x50, 0x4b, 6, 6]))).toBe(true);
    expect(contentsOf(saved).map(([name]) => name)).toContain('state-dict/data.pkl');
  });

  it('may be deflated', () => {
    const packed = deflateRawSync(content);
    const file = zipOf(new Map([['a', packed]]));
    file.writeUInt16LE(8, file.indexOf(ENTRY) + 10);
    file.writeUInt32LE(content.length, file.indexOf(ENTRY) + 24);
    expect(entriesOf(file)).toMatchObject([
      { isDeflated: true, packedSize: packed.length, size: content.length },
    ]);
  });

  it.each<[string, Buffer, string, RegExp]>([
    ['no directory', Buffer.from('no zip'), 'DAMAGED_ZIP', /no directory at its end/],
    ['nothing', Buffer.alloc(0), 'DAMAGED_ZIP', /no directory at its end/],
    ['an encrypted entry', changed(8, 1), 'ENCRYPTED_ZIP', /: a is encrypted/],
    ['an entry of bzip2', changed(10, 12), 'ZIP_METHOD', /: a is packed by method 12/],
    ['a stored entry of two sizes', changed(24, 8), 'DAMAGED_ZIP', /: is damaged: a needs 7 bytes/],
    ['an entry longer than the file', changed(22, 1), 'DAMAGED_ZIP', /a needs 65543 bytes/],
    ['an entry elsewhere', changed(42, 1), 'DAMAGED_ZIP', /a is not at offset 1/],
    ['an entry beyond the file', changed(44, 1), 'DAMAGED_ZIP', /expected 30 bytes at offset 65536/],
    ['a field of zip64 that is cut', zip64(20), 'DAMAGED_ZIP', /the sizes of a are cut/],
  ])('are refused where there is %s', (_, file, code, message) => {
    expect(() => entriesOf(file)).toThrow(expect.objectContaining({ code }));
    expect(() => entriesOf(file)).toThrow(message);
  });

  it.each<[string, number, number, RegExp]>([
    ['that is not where it should be', 16, 1, /expected a file's name at offset 1/],
    ['beyond the file', 16, 50_000, /expected 46 bytes at offset 50000/],
    ['with more entries than it has', 10, 2, /is damaged: expected /],
  ])('are refused where there is a directory %s', (_, at, value, message) => {
    const file = one();
    file.writeUInt16LE(value, file.length - 22 + at);
    expect(() => entriesOf(file)).toThrow(message);
  });

  it('are a named error, or all there, where any byte is changed or the file is cut', () => {
    for (const whole of [one(), zip64(), torchGolden('state-dict.pth').subarray(-2000)])
      for (let at = 0; at < whole.length; at++) {
        const file = Buffer.from(whole);
        file[at] = (file[at] as number) ^ (1 << (at % 8));
        for (const broken of [file, whole.subarray(0, at)])
          try {
            for (const { offset, packedSize } of entriesOf(broken))
              expect(offset + packedSize).toBeLessThanOrEqual(broken.length);
          } catch (error) {
            if (!(error instanceof DataError)) throw error;
          }
      }
  });
});
