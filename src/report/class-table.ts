import { formatPercent } from '../html/axis.ts';
import { element, type Markup, tableHead } from '../html/markup.ts';
import { type ClassFigures, classFigures, worstFirst } from '../workspace/class-figures.ts';
import type { Confusion } from '../workspace/confusion.ts';

/** More classes than these make a table that nobody reads: of many, only the worst are shown. */
const MOST_CLASSES = 20;

/** How well each class is told from the others. */
export function classTable(confusion: Confusion): Markup {
  const all = classFigures(confusion);
  const isWhole = all.length <= MOST_CLASSES;
  const shown = isWhole ? all : worstFirst(all).slice(0, MOST_CLASSES);
  const meaning =
    'Precision: of the images taken for a class, the share that are of it. Recall: of its images, the share taken for it.';
  const which = isWhole ? '' : ` The ${shown.length} classes of lowest recall, of ${all.length}.`;
  return element(
    'div',
    { class: 'wide' },
    element(
      'table',
      { class: 'classes' },
      element('caption', {}, `${meaning}${which}`),
      tableHead(['class', 'images', 'precision', 'recall']),
      element('tbody', {}, shown.map(row)),
    ),
  );
}

function row({ name, images, precision, recall }: ClassFigures): Markup {
  const cells = [images, ...[precision, recall].map(describeShare)];
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, name),
    cells.map((cell) => element('td', { class: 'number' }, cell)),
  );
}

const describeShare = (share: number | null): string => (share === null ? '–' : formatPercent(share, 0.001));
