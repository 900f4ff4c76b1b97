import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  joinedMultiLabels,
  listsOf,
  type MultiLabels,
  multiLabelsAt,
  multiLabelsOf,
  multiLabelsOfRows,
} from '../../../src/core/multi-labels.ts';

const anyLists = fc.array(
  fc.uniqueArray(fc.nat(9), { maxLength: 4 }).map((list) => list.sort((a, b) => a - b)),
  { minLength: 1, maxLength: 8 },
);
const made = (lists: readonly number[][]) =>
  multiLabelsOf(lists.map((labels) => ({ label: labels[0] ?? -1, labels }))) as MultiLabels;
const read = (labels: MultiLabels) => listsOf(labels).map((list) => [...list]);

describe('the labels of a batch', () => {
  it('are nothing where each row has its one label', () => {
    expect(multiLabelsOf([{ label: 1 }, { label: -1 }])).toBeUndefined();
  });

  it('take a row of one label among others as a list', () => {
    const labels = multiLabelsOf([{ label: 2 }, { label: -1 }, { label: 0, labels: [0, 3] }]) as MultiLabels;
    expect([...labels.offsets]).toEqual([0, 1, 1, 3]);
    expect([...labels.classes]).toEqual([2, 0, 3]);
  });

  it('come out as they went in, of all rows, of a part of them, of some, and joined again', () =>
    fc.assert(
      fc.property(anyLists, fc.nat(), (lists, seed) => {
        const labels = made(lists);
        const cut = seed % (lists.length + 1);
        const [before, after] = [
          multiLabelsOfRows(labels, 0, cut),
          multiLabelsOfRows(labels, cut, lists.length),
        ];
        expect(read(labels)).toEqual(lists);
        expect(read(before)).toEqual(lists.slice(0, cut));
        expect(read(after)).toEqual(lists.slice(cut));
        expect(read(joinedMultiLabels([before, after]))).toEqual(lists);
        const rows = [...lists.keys()].reverse();
        expect(read(multiLabelsAt(labels, rows))).toEqual(lists.toReversed());
      }),
    ));
});
