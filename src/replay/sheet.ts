import type { Executor } from '../../backends/backend.ts';
import type { RawImage } from '../core/image.ts';
import { htmlDocument } from '../html/document.ts';
import { element, type Markup, section } from '../html/markup.ts';
import { style } from '../html/style.ts';
import { fitToCell } from '../preview/fit.ts';
import { type Cell, drawGrid } from '../preview/grid.ts';
import { softLabel } from './label-section.ts';
import { factList, factTiles, type ReplayContext, stageFigure, warningList } from './page-parts.ts';
import { type ImageSource, picture } from './picture-markup.ts';
import type { Replay } from './replay-batch.ts';
import { replayStyle } from './style.ts';
import { type Fact, mixedText, occurrenceFacts } from './words.ts';

/** What a sheet keeps of a row: its tensor as a picture, and what it is of. */
export interface SheetRow extends Pick<Replay, 'row' | 'seed' | 'epoch' | 'batch'> {
  readonly image: RawImage;
  readonly facts: readonly Fact[];
  readonly digests: Replay['digests'];
  readonly isSubstitute: boolean;
}

const CELL = 112;
const COLUMNS = 8;

export async function sheetRow(
  executor: Executor,
  replay: Replay,
  { classes }: ReplayContext['dataset'],
): Promise<SheetRow> {
  const { row, seed, epoch, batch, sample, mixing, digests, substitutions, tensorAsImage } = replay;
  const label = softLabel(replay).map(
    ([of, weight]) => `${weight === 1 ? '' : `${weight.toFixed(2)} `}${classes[of] ?? 'no label'}`,
  );
  return {
    ...{ row, seed, epoch, batch, digests },
    image: await fitToCell(executor, tensorAsImage, CELL),
    facts: [
      ['sample', sample.key],
      ['label', label.join(', ') || 'no label'],
      ...occurrenceFacts(replay),
      ...(mixing ? [['mix', mixedText(mixing)] as Fact] : []),
    ],
    isSubstitute: substitutions.length > 0,
  };
}

/** All rows of a batch, as the model saw them, as one HTML file. */
export function sheetPage(rows: readonly SheetRow[], context: ReplayContext, source: ImageSource): string {
  const { dataset, facts, warnings, commands } = context;
  const [{ seed, epoch, batch, digests }] = rows as [SheetRow];
  const title = `What the model saw in batch ${batch}, epoch ${epoch}`;
  const proof =
    'Every row was drawn anew and run operator by operator, and ends, byte for byte, in the batch that the pipeline gives.';
  return htmlDocument(
    { title, style: style + replayStyle },
    element(
      'header',
      {},
      element('h1', {}, title),
      element(
        'p',
        {},
        `${dataset.name}, ${dataset.length} images · one row, stage by stage: the command below with --row`,
      ),
    ),
    warningList(warnings),
    element('p', { class: 'proof' }, element('b', {}, 'Proven. '), proof),
    factTiles([
      ...facts,
      ...[['seed', String(seed)] as const, ['epoch', String(epoch)] as const],
      ...[['batch', String(batch)] as const, ['rows', String(rows.length)] as const],
    ]),
    section(
      'Rows',
      element(
        'div',
        { class: 'sheet' },
        rows.map((row) => rowFigure(row, source)),
      ),
    ),
    section(
      'Reproduce',
      element('pre', {}, commands.join('\n')),
      factList([['digest of the pipeline', digests.pipeline]]),
    ),
  );
}

function rowFigure({ row, image, facts, isSubstitute }: SheetRow, source: ImageSource): Markup {
  const standIn: Fact[] = isSubstitute ? [['stand-in', 'for a bad sample']] : [];
  return stageFigure(
    [element('span', { class: 'number' }, row)],
    picture(image, source, { edge: CELL }),
    factList([...facts, ...standIn]),
  );
}

/** The same as one picture. */
export function drawSheet(rows: readonly SheetRow[]): RawImage {
  const [{ seed, epoch, batch }] = rows as [SheetRow];
  const columns = Math.min(COLUMNS, rows.length);
  const cells = rows.map(
    ({ row, image, facts }): Cell => ({
      ...{ image, title: `row ${row}` },
      lines: facts.map(([, value]) => value),
    }),
  );
  return drawGrid({
    heading: `millrace replay, seed ${seed}, epoch ${epoch}, batch ${batch}`,
    columns: new Array<string>(columns).fill(''),
    rows: Array.from({ length: Math.ceil(cells.length / columns) }, (_, line) =>
      cells.slice(line * columns, (line + 1) * columns),
    ),
    cell: CELL,
  });
}
