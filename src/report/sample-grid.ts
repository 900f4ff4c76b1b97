import { element, type Markup } from '../html/markup.ts';
import type { SheetCell, SheetRow } from '../workspace/sample-sheet.ts';

/** A row of figures per sample, which wraps where the window is narrow. */
export const sampleGrid = (rows: readonly SheetRow[]): Markup[] => rows.map(sampleRow);

const sampleRow = ({ title, original, epochs }: SheetRow): Markup =>
  element(
    'div',
    { class: 'sample' },
    cell(original, 'original', title),
    epochs.map((made, epoch) => cell(made, `epoch ${epoch}`, title)),
  );

function cell({ png, lines }: SheetCell, name: string, title: string): Markup {
  const src = `data:image/png;base64,${png}`;
  const heading = name === 'original' ? title : name;
  return element(
    'figure',
    {},
    element('div', { class: 'mat' }, element('img', { src, alt: `${title}, ${name}` })),
    element(
      'figcaption',
      {},
      element('strong', {}, heading),
      lines.map((line) => element('span', {}, line)),
    ),
  );
}
