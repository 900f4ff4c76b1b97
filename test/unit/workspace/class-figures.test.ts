import { expect, it } from 'vitest';
import { classLines } from '../../../src/cli/class-table.ts';
import { type ClassFigures, classFigures, worstFirst } from '../../../src/workspace/class-figures.ts';

const classes = ['cat', 'dog', 'cow'];
/** Four cats, one of them taken for a dog, and two dogs of which nothing was guessed. */
const cells = [
  { label: 0, prediction: 0, images: 3 },
  { label: 0, prediction: 1, images: 1 },
  { label: 1, prediction: -1, images: 2 },
];

it('gives precision, recall and images of each class, and no share of nothing', () => {
  expect(classFigures({ classes, cells })).toEqual([
    { class: 0, name: 'cat', images: 4, precision: 1, recall: 0.75 },
    { class: 1, name: 'dog', images: 2, precision: 0, recall: 0 },
    { class: 2, name: 'cow', images: 0, precision: null, recall: null },
  ]);
});

it('puts the classes first that are told worst, and leaves out those without images', () => {
  expect(worstFirst(classFigures({ classes, cells })).map(({ name }) => name)).toEqual(['dog', 'cat']);
});

it('prints a few classes in a table, and of many the ten of lowest recall', () => {
  expect(classLines(classFigures({ classes, cells }))).toEqual([
    '  class     images  precision     recall',
    '  cat            4    100.0 %     75.0 %',
    '  dog            2      0.0 %      0.0 %',
    '  cow            0          -          -',
  ]);
  const many: ClassFigures[] = Array.from({ length: 50 }, (_, i) => ({
    ...{ class: i, name: `class ${i}`, images: 100, precision: 1, recall: 1 - i / 100 },
  }));
  const [heading, , worst, ...others] = classLines(many);
  expect(heading).toBe('the 10 classes of lowest recall, of 50:');
  expect(worst).toBe('  class 49        100    100.0 %     51.0 %');
  expect(others).toHaveLength(9);
});
