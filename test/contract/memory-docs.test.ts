import { readFileSync } from 'node:fs';
import { it } from 'vitest';
import { expectCommitted } from '../support/committed.ts';
import { memoryTable } from '../support/memory-table.ts';

const path = 'docs/mixed-precision.md';
const table = /^\| model \|.*\n(\|.*\n)+/m;

it('docs/mixed-precision.md says of memory what the plan computes', () => {
  const document = readFileSync(path, 'utf8');
  if (!table.test(document)) throw new Error(`${path}: no table of models`);
  expectCommitted(path, document.replace(table, `${memoryTable()}\n`), 'UPDATE_DOCS');
});
