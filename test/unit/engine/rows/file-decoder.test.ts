import { beforeAll, describe, expect, it } from 'vitest';
import type { DecodeOptions } from '../../../../backends/decode/decode.ts';
import { marker } from '../../../../backends/decode/jpeg-segments.ts';
import type { Size } from '../../../../src/core/image.ts';
import { checksumsOf, FileDecoder } from '../../../../src/engine/rows/file-decoder.ts';
import { noise } from '../../../support/images.ts';
import { findSegment, turboPixels } from '../../../support/jpeg-files.ts';
import { encodeJpeg } from '../../../support/jpegs.ts';

const size: Size = { width: 48, height: 64 };
const fast: DecodeOptions = { dct: 'fast', orientation: 'ignore', maxPixels: 1e6 };
const whole = { left: 0, top: 0, ...size };
const top = { ...whole, height: 16 };
const jpeg = (seed: number) =>
  encodeJpeg({ image: noise(size, seed), quality: 90, coding: { turbo: '4:2:0' } });

let file: Buffer;
let other: Buffer;
beforeAll(async () => {
  file = await jpeg(1);
  other = await jpeg(2);
});

async function decode(decoder: FileDecoder, bytes: Buffer, bottom = 10, id = 1) {
  let pixels = Buffer.alloc(0);
  const part = await decoder.decode(id, bytes, size, bottom, ({ width, height }) => {
    pixels = Buffer.alloc(width * height * 3);
    return pixels;
  });
  return { part, pixels };
}

describe('a decoder of files', () => {
  it('decodes the upper rows alone of a file that it has decoded whole', async () => {
    const decoder = new FileDecoder(fast, checksumsOf(3));
    expect((await decode(decoder, file)).part).toEqual(whole);
    const { part, pixels } = await decode(decoder, file);
    expect(part).toEqual(top);
    expect(pixels.compare(turboPixels(file), 0, 10 * 48 * 3, 0, 10 * 48 * 3)).toBe(0);
    expect((await decode(decoder, file, 64)).part).toEqual(whole);
  });

  it('knows what another thread has decoded, of each sample by itself', async () => {
    const checksums = checksumsOf(3);
    await decode(new FileDecoder(fast, checksums), file);
    expect((await decode(new FileDecoder(fast, checksums), file)).part).toEqual(top);
    expect((await decode(new FileDecoder(fast, checksums), file, 10, 2)).part).toEqual(whole);
  });

  it('decodes a file whole again that has changed, however it has', async () => {
    const decoder = new FileDecoder(fast, checksumsOf(3));
    await decode(decoder, file);
    const changed = Buffer.from(file);
    changed[changed.length - 30] = (changed[changed.length - 30] as number) ^ 1;
    expect((await decode(decoder, changed)).part).toEqual(whole);
    expect((await decode(decoder, other)).part).toEqual(whole);
    expect((await decode(decoder, other)).part).toEqual(top);
  });

  it('finds a file damaged that was sound before, though no row that is wanted is', async () => {
    const decoder = new FileDecoder(fast, checksumsOf(3));
    await decode(decoder, file);
    const cutOff = file.subarray(0, file.length - 100);
    for (let i = 0; i < 2; i++)
      await expect(decode(decoder, cutOff)).rejects.toMatchObject({ code: 'TRUNCATED' });
  });

  it('decodes always whole what libjpeg-turbo complains of, what sharp decodes, and without memory', async () => {
    const tables = findSegment(file, marker.quantisationTables).start - 4;
    const junk = Buffer.concat([file.subarray(0, tables), Buffer.alloc(8, 1), file.subarray(tables)]);
    const cases = [
      [junk, new FileDecoder(fast, checksumsOf(3))],
      [file, new FileDecoder({ ...fast, dct: 'accurate' }, checksumsOf(3))],
      [file, new FileDecoder(fast)],
      [file, new FileDecoder(fast, checksumsOf(1))],
    ] as const;
    for (const [bytes, decoder] of cases)
      for (let i = 0; i < 3; i++) expect((await decode(decoder, bytes)).part).toEqual(whole);
  });
});
