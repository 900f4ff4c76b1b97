import { readFileSync } from 'node:fs';
import type { Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { trainCommand } from '../../src/cli/commands/train.ts';

const document = readFileSync('docs/training.md', 'utf8');
const options = trainCommand().options.filter((option) => !option.hidden);

/** Names of flags in the first column of the document's tables, and the cells of their row. */
const rows = document
  .split('\n')
  .filter((line) => line.startsWith('| `-'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .flatMap((cells) => (cells[1] as string).split(', ').map((name) => ({ name: name.slice(1, -1), cells })));

const namesOf = ({ long, short }: Option): string[] =>
  [long, short].filter((name) => name !== undefined && name !== null);

describe('docs/training.md', () => {
  it('has every flag of millrace train in its tables once, and no other', () => {
    const described = rows.map(({ name }) => name);
    expect(described.toSorted()).toEqual(options.flatMap(namesOf).toSorted());
  });

  it.each(
    options.filter(({ defaultValue }) => defaultValue !== undefined).map((option) => [option.long, option]),
  )('gives %s the default it has', (_, option) => {
    const { long, defaultValue } = option as Option;
    const { cells } = rows.find(({ name }) => name === long) as (typeof rows)[number];
    // of two tables: flag, NVIDIA, millrace, why; and flag, default, meaning
    const ours = cells.length > 5 ? cells[3] : cells[2];
    expect(ours).toContain(`\`${defaultValue}\``);
  });
});
