import { expect, it } from 'vitest';
import { escapeControls } from '../../../src/core/escape-controls.ts';

it('shows what a terminal would obey in the name of a file, and leaves all else, JSON included', () => {
  expect(escapeControls('dog/\u001b[31mred\u009b2J\u007f.jpg\r')).toBe(
    'dog/\\u001b[31mred\\u009b2J\\u007f.jpg\\u000d',
  );
  expect(escapeControls('ünï-日本\t<b>\n')).toBe('ünï-日本\t<b>\n');
  const record = { key: 'a\u0007\u007f\u009b"\\b' };
  expect(JSON.parse(escapeControls(JSON.stringify(record)))).toEqual(record);
});
