import { expect, it } from 'vitest';
import { parseByteCount } from '../../../src/core/byte-count.ts';

it.each([
  ['100GB', 100e9],
  ['100 gb', 100e9],
  ['1.5TiB', 1.5 * 2 ** 40],
  ['64000000', 64e6],
  ['0', 0],
  ['7KiB', 7168],
])('reads %s as bytes', (text, bytes) => {
  expect(parseByteCount(text)).toBe(bytes);
});

it.each(['', 'GB', '-1GB', '1e9', '10 G', '10XB', 'ib', '1ib', '1GB2'])('refuses %s', (text) => {
  expect(parseByteCount(text)).toBeUndefined();
});
