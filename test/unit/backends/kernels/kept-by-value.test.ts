import { expect, it } from 'vitest';
import { keptByValue } from '../../../../backends/kernels/kept-by-value.ts';
import { brightness } from '../../../../operators/registry.ts';

it('makes a thing once a value, until there are too many to keep', () => {
  const made: number[] = [];
  const listOf = keptByValue((value) => {
    made.push(value);
    return [value];
  });
  const first = listOf(0.5);
  expect(listOf(0.5)).toBe(first);
  expect(made).toEqual([0.5]);
  for (let value = 1; value <= 100; value++) expect(listOf(value)).toEqual([value]);
  expect(listOf(0.5)).toEqual([0.5]);
  expect(made.length).toBe(102);
});

it('has operators give equal factors the same tables, and others their own', () => {
  const tablesOf = (factor: number) =>
    brightness.definition.lower({ factor }, { width: 1, height: 1 })[0]?.args.tables;
  expect(tablesOf(1.5)).toBe(tablesOf(1.5));
  expect(tablesOf(1.5)).not.toEqual(tablesOf(0.5));
});
