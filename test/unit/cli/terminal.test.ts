import { expect, it } from 'vitest';
import { printable } from '../../../src/cli/terminal.ts';

it('shows what a terminal would obey in the name of a file, and leaves all else, JSON included', () => {
  expect(printable('dog/\u001b[31mred\u009b2J\u007f.jpg\r')).toBe(
    'dog/\\u001b[31mred\\u009b2J\\u007f.jpg\\u000d',
  );
  expect(printable('ünï-日本\t<b>\n')).toBe('ünï-日本\t<b>\n');
  const record = { key: 'a\u0007\u007f\u009b"\\b' };
  expect(JSON.parse(printable(JSON.stringify(record)))).toEqual(record);
});
