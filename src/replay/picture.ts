import type { Executor } from '../../backends/backend.ts';
import type { Box, RawImage } from '../core/image.ts';
import { namesOf } from '../core/multi-labels.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { defaultCell, fitToCell } from '../preview/fit.ts';
import { type Cell, drawGrid } from '../preview/grid.ts';
import { type Color, outlineRectangle } from '../raster/canvas.ts';
import { stageContents } from './content.ts';
import type { Replay, ReplayedMixing } from './replay-batch.ts';
import { lastImage, type ReplayedSample } from './replayed-sample.ts';
import { erasedFacts, type Fact, mixedText, partRead, sizeText } from './words.ts';

const MOST_COLUMNS = 4;
const boxColor: Color = [255, 176, 32];
const BOX_PIXELS = 3;

/** The stages that a replay's page shows, as one picture. */
export async function drawReplay(
  executor: Executor,
  replay: Replay,
  { classes }: Pick<Dataset, 'classes'>,
): Promise<RawImage> {
  const { seed, epoch, batch, row, sample, digests } = replay;
  const cell = defaultCell(Math.max(lastImage(sample).width, lastImage(sample).height));
  const cells: Cell[] = [];
  for (const { image, box, ...text } of cellsOf(replay, classes)) {
    const fitted = await fitToCell(executor, image, cell);
    cells.push({ ...text, image: box === undefined ? fitted : withBox(fitted, scaled(box, image, fitted)) });
  }
  const heading = [
    `millrace replay, ${sample.key}, ${namesOf(classes, sample)}`,
    `seed ${seed}, epoch ${epoch}, batch ${batch}, row ${row}, row digest ${digests.row.slice(0, 16)}`,
  ].join(', ');
  const columns = new Array<string>(Math.min(MOST_COLUMNS, cells.length)).fill('');
  return drawGrid({ heading, columns, rows: inRows(cells, columns.length), cell });
}

interface ShownStage extends Cell {
  readonly box?: Box | undefined;
}

function cellsOf(replay: Replay, classes: readonly string[]): ShownStage[] {
  const { sample } = replay;
  const contents = stageContents(sample);
  const first = contents.find(({ stage }) => stage !== undefined)?.stage;
  const box = first && partRead(first.calls, sample.original);
  const stages = contents.map(({ title, facts, result }) => ({
    ...{ title, lines: inLines(facts), image: result },
  }));
  return [
    { title: 'original', lines: [sizeText(sample.original)], image: sample.original, box },
    ...stages,
    ...lastCells(replay, classes),
  ];
}

/** From the mix on. */
function lastCells(replay: Replay, classes: readonly string[]): ShownStage[] {
  const { sample, mixing, mixedAsImage, tensorAsImage } = replay;
  const partner = mixing?.partner && [partnerCell(mixing, mixing.partner, classes)];
  const mixed = mixing === undefined ? [] : [mixedText(mixing)];
  const erased =
    sample.eraseAfter === undefined
      ? [{ title: 'tensor', lines: mixed, image: tensorAsImage }]
      : [
          { title: 'mix', lines: mixed, image: mixedAsImage },
          { title: 'erase', lines: inLines(erasedFacts(sample.eraseAfter)), image: tensorAsImage },
          { title: 'tensor', lines: [], image: tensorAsImage },
        ];
  return [...(partner ?? []), ...erased];
}

const partnerCell = (
  { box }: ReplayedMixing,
  { key, mixable, ...of }: ReplayedSample,
  classes: readonly string[],
): ShownStage => ({ title: 'partner', lines: [key, namesOf(classes, of)], image: mixable, box });

const inLines = (facts: readonly Fact[]): string[] => facts.map(([name, value]) => `${name} ${value}`);

/** A box of an image, in the same image at another size. */
function scaled({ left, top, width, height }: Box, from: RawImage, to: RawImage): Box {
  const factor = to.width / from.width;
  const [x, y] = [Math.floor(left * factor), Math.floor(top * factor)];
  return {
    left: x,
    top: y,
    width: Math.min(to.width, Math.max(x + 1, Math.round((left + width) * factor))) - x,
    height: Math.min(to.height, Math.max(y + 1, Math.round((top + height) * factor))) - y,
  };
}

function withBox(image: RawImage, box: Box): RawImage {
  const canvas = { ...image, data: Uint8Array.from(image.data) };
  outlineRectangle(canvas, box, BOX_PIXELS, boxColor);
  return canvas;
}

function inRows(cells: readonly Cell[], columns: number): Cell[][] {
  return Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) =>
    cells.slice(row * columns, (row + 1) * columns),
  );
}
