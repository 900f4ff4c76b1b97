import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { recordFields } from '../../src/engine/quarantine/record.ts';

it('docs/bad-data.md has every field of a quarantine record in its table, with its type, and no other', () => {
  const rows = readFileSync('docs/bad-data.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const described = rows.flatMap(([, names = '', type]) =>
    names.split(', ').map((name) => [name.slice(1, -1), type] as const),
  );
  const fields = Object.entries(recordFields).map(([name, types]) => [
    name,
    types.filter((type) => type !== 'undefined').join(' or '),
  ]);
  expect(described).toEqual(fields);
});
