import { type ClassFigures, worstFirst } from '../workspace/class-figures.ts';
import { percent } from './figures.ts';

/** More classes than these make a table that nobody reads: of many, only the worst are shown. */
const MOST_CLASSES = 20;
const WORST = 10;

/** Images, precision and recall of each class, in columns. */
export function classLines(figures: readonly ClassFigures[]): string[] {
  if (figures.length <= MOST_CLASSES) return tableOf(figures);
  const worst = worstFirst(figures).slice(0, WORST);
  const order = figures.some(hasAveragePrecision) ? 'average precision' : 'recall';
  return [`the ${worst.length} classes of lowest ${order}, of ${figures.length}:`, ...tableOf(worst)];
}

function tableOf(figures: readonly ClassFigures[]): string[] {
  const width = Math.max(...figures.map(({ name }) => name.length), 'class'.length);
  const line = (name: string, ...cells: string[]) =>
    `  ${name.padEnd(width)}${cells.map((cell) => cell.padStart(11)).join('')}`;
  const areSeveral = figures.some(hasAveragePrecision);
  return [
    line('class', 'images', ...(areSeveral ? ['AP'] : []), 'precision', 'recall'),
    ...figures.map(({ name, images, averagePrecision = null, precision, recall }) => {
      const shares = [...(areSeveral ? [averagePrecision] : []), precision, recall];
      return line(name, String(images), ...shares.map(describeShare));
    }),
  ];
}

/** Where images may have several classes. */
const hasAveragePrecision = ({ averagePrecision }: ClassFigures): boolean => averagePrecision !== undefined;

const describeShare = (share: number | null): string => (share === null ? '-' : percent(share));
