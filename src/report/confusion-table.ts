import { formatPercent } from '../html/axis.ts';
import { type Child, element, type Markup } from '../html/markup.ts';
import type { Confusion, ConfusionCell } from '../workspace/confusion.ts';

/** More classes than these make a table that nobody reads. */
const MOST_CLASSES = 20;
const MOST_PAIRS = 20;

/** All classes against all where they are few, else the pairs most often confused. */
export function confusionTable(confusion: Confusion): Markup {
  return confusion.classes.length <= MOST_CLASSES ? wholeTable(confusion) : worstPairs(confusion);
}

function wholeTable({ classes, cells }: Confusion): Markup {
  const images = imagesOf(cells);
  const counts = new Map(cells.map((cell) => [`${cell.label} ${cell.prediction}`, cell.images]));
  const guesses = [...classes.keys(), ...(cells.some(({ prediction }) => prediction < 0) ? [-1] : [])];
  const header = guesses.map((guess) =>
    element('th', { scope: 'col' }, element('span', {}, nameOf(classes, guess))),
  );
  const rows = classes.map((name, label) => {
    const all = images.get(label) ?? 0;
    const shares = guesses.map((guess) =>
      countCell(counts.get(`${label} ${guess}`) ?? 0, all, guess === label),
    );
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      shares,
      element('td', { class: 'sum' }, all),
    );
  });
  const caption =
    'Rows: what an image shows. Columns: the best guess. The stronger the colour, the larger the share of the row.';
  return table('confusion', caption, ['', header, element('th', { scope: 'col' }, 'images')], rows);
}

function countCell(count: number, all: number, isRight: boolean): Markup {
  if (count === 0) return element('td', { class: 'none' }, '·');
  const share = count / all;
  const style = `--share: ${(100 * share).toFixed(0)}%`;
  const name = `${isRight ? 'right' : 'wrong'}${share > 0.6 ? ' strong' : ''}`;
  return element('td', { class: name, style, title: formatPercent(share, 0.001) }, count);
}

function worstPairs({ classes, cells }: Confusion): Markup {
  const images = imagesOf(cells);
  const wrong = cells.filter(({ label, prediction }) => label !== prediction);
  const worst = wrong.toSorted((a, b) => b.images - a.images).slice(0, MOST_PAIRS);
  const rows = worst.map(({ label, prediction, images: count }) => {
    const all = images.get(label) as number;
    const names = [nameOf(classes, label), nameOf(classes, prediction)];
    const figures = [`${count} of ${all}`, formatPercent(count / all, 0.001)];
    return element(
      'tr',
      {},
      names.map((name) => element('td', {}, name)),
      figures.map((figure) => element('td', { class: 'number' }, figure)),
    );
  });
  const caption = `The ${rows.length} of ${wrong.length} pairs of classes that are confused most often.`;
  return table('pairs', caption, ['what it shows', 'the best guess', 'images', 'share of its class'], rows);
}

function table(name: string, caption: string, header: readonly Child[], rows: readonly Markup[]): Markup {
  const cells = header.map((cell) =>
    typeof cell === 'string' ? element('th', { scope: 'col' }, cell) : cell,
  );
  return element(
    'div',
    { class: 'wide' },
    element(
      'table',
      { class: name },
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, cells)),
      element('tbody', {}, rows),
    ),
  );
}

const nameOf = (classes: readonly string[], index: number): string =>
  index < 0 ? 'no guess' : (classes[index] ?? String(index));

/** Images of each class. */
function imagesOf(cells: readonly ConfusionCell[]): Map<number, number> {
  const images = new Map<number, number>();
  for (const cell of cells) images.set(cell.label, (images.get(cell.label) ?? 0) + cell.images);
  return images;
}
