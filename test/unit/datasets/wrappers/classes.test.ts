import { describe, expect, it } from 'vitest';
import { classes } from '../../../../src/index.ts';
import { countsOf, keysOf, labelled, labelsOf } from '../../../support/labelled.ts';

const data = labelled(12, (index) => index % 3, ['cat', 'dog', 'cow']);

describe('classes', () => {
  it('keeps these classes, numbered in the order of the list', () => {
    const some = classes(data, ['cow', 'cat']);
    expect(some.classes).toEqual(['cow', 'cat']);
    expect(keysOf(some)).toEqual(['0/0', '2/2', '0/3', '2/5', '0/6', '2/8', '0/9', '2/11']);
    expect(labelsOf(some)).toEqual([1, 0, 1, 0, 1, 0, 1, 0]);
  });

  it('groups classes under new names', () => {
    const pets = { dog: 'pet', cat: 'pet', cow: 'cattle' };
    for (const grouped of [classes(data, pets), classes(data, new Map(Object.entries(pets)))]) {
      expect(grouped.classes).toEqual(['pet', 'cattle']);
      expect(countsOf(grouped)).toEqual([8, 4]);
    }
  });

  it('keeps of several labels those that are named, each once', () => {
    const several = labelled(4, (index) => [[0, 2], [1], [0, 1, 2], []][index] ?? [], ['cat', 'dog', 'cow']);
    const some = classes(several, { cow: 'cattle', cat: 'pet' });
    expect(keysOf(some)).toEqual(['0/0', '0/2']);
    expect([some.labels?.(0), some.labels?.(1), some.label(0)]).toEqual([[0, 1], [0, 1], 0]);
    expect(classes(several, { cow: 'x', cat: 'x' }).labels?.(0)).toEqual([0]);
  });

  it('leaves out samples without a class', () => {
    expect(
      labelsOf(
        classes(
          labelled(4, (index) => index - 1, ['a', 'b', 'c']),
          ['c', 'b'],
        ),
      ),
    ).toEqual([1, 0]);
  });

  it.each([
    [['cat', 'bird'], 'UNKNOWN_CLASS', 'no class is called bird; its classes are cat, dog, cow'],
    [['cat', 'cat'], 'DUPLICATE_CLASS', 'cat is named twice'],
    [[], 'INVALID_OPTION', 'expected names of classes'],
    [{ cat: 1 }, 'INVALID_OPTION', 'expected names of classes'],
    ['cat', 'INVALID_OPTION', 'expected names of classes'],
  ])('refuses %j', (chosen, code, message) => {
    expect(() => classes(data, chosen as string[])).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it('refuses classes without a sample', () => {
    const none = labelled(2, () => 0, ['cat', 'dog']);
    expect(() => classes(none, ['dog'])).toThrow(expect.objectContaining({ code: 'NOTHING_LEFT' }));
  });
});
