import { formatPercent } from '../html/axis.ts';
import { element, type Markup, tableHead } from '../html/markup.ts';
import { type ClassFigures, worstFirst } from '../workspace/class-figures.ts';

/** More classes than these make a table that nobody reads: of many, only the worst are shown. */
const MOST_CLASSES = 20;

/** How well each class is told from the others; with its average precision where images may have several classes. */
export function classTable(all: readonly ClassFigures[]): Markup {
  const areSeveral = all.some(({ averagePrecision }) => averagePrecision !== undefined);
  const isWhole = all.length <= MOST_CLASSES;
  const shown = isWhole ? all : worstFirst(all).slice(0, MOST_CLASSES);
  const meaning = areSeveral ? `${meaningOfBoth} ${meaningOfSeveral}` : meaningOfBoth;
  const order = areSeveral ? 'average precision' : 'recall';
  const which = isWhole ? '' : ` The ${shown.length} classes of lowest ${order}, of ${all.length}.`;
  return element(
    'div',
    { class: 'wide' },
    element(
      'table',
      { class: 'classes' },
      element('caption', {}, `${meaning}${which}`),
      tableHead(['class', 'images', ...(areSeveral ? ['average precision'] : []), 'precision', 'recall']),
      element('tbody', {}, shown.map(row)),
    ),
  );
}

const meaningOfBoth =
  'Precision: of the images taken for a class, the share that are of it. Recall: of its images, the share taken for it.';
const meaningOfSeveral =
  'An image may have several classes, and is taken for all whose probability is above a half: there is no table of what was taken for what. Average precision: the area under the curve of precision over recall.';

function row({ name, images, averagePrecision, precision, recall }: ClassFigures): Markup {
  const shares = [...(averagePrecision === undefined ? [] : [averagePrecision]), precision, recall];
  const cells = [images, ...shares.map(describeShare)];
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, name),
    cells.map((cell) => element('td', { class: 'number' }, cell)),
  );
}

const describeShare = (share: number | null): string => (share === null ? '–' : formatPercent(share, 0.001));
