import type { RawImage, Size } from '../core/image.ts';
import {
  type Color,
  characterPitch,
  drawImage,
  drawText,
  fillRectangle,
  linePitch,
  makeCanvas,
  type Place,
} from './canvas.ts';
import { printable, wrapText } from './text.ts';

/** An image no larger than its cell, and the lines under it: the first is the title, where there is one. */
export interface Cell {
  readonly image: RawImage;
  readonly title?: string;
  readonly lines: readonly string[];
}

/** What is to be drawn: a heading, a heading a column, and rows of cells. */
export interface Grid {
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Edge of the square that every image lies in, in pixels. */
  readonly cell: number;
}

interface Line {
  readonly text: string;
  readonly color: Color;
}

const paper: Color = [255, 255, 255];
const mat: Color = [238, 240, 243];
const ink: Color = [24, 28, 36];
const grayInk: Color = [88, 96, 108];

const MARGIN = 20;
const GAP = 14;
const CAPTION_GAP = 8;
/** Cells as wide as this get text of two pixels a dot: 18 characters a line at 224 pixels. */
const LARGE_TEXT_FROM = 160;

/** Characters that fit under a cell of this edge. */
export const charactersIn = (cell: number): number =>
  Math.max(1, Math.floor((cell + 1) / (characterPitch * textScale(cell))));

/** Size of the picture without its text, which is known before anything is read. */
export function imagesSize(columns: number, rows: number, cell: number): Size {
  const extent = (count: number) => 2 * MARGIN + count * cell + (count - 1) * GAP;
  return { width: extent(columns), height: extent(rows) };
}

/** Draws the grid. Every image lies centred on a mat of the cell's size, captions are wrapped to its width. */
export function drawGrid({ heading, columns, rows, cell }: Grid): RawImage {
  const scale = textScale(cell);
  const lineHeight = linePitch * scale;
  const { width } = imagesSize(columns.length, rows.length, cell);
  const headings = wrap(heading, Math.floor((width - 2 * MARGIN) / (characterPitch * scale)), ink);
  const captions = rows.map((row) => row.map((item) => captionOf(item, charactersIn(cell))));
  const captionHeights = captions.map((row) => Math.max(...row.map(({ length }) => length)) * lineHeight);

  const columnsTop = MARGIN + headings.length * lineHeight + GAP;
  const rowsTop = columnsTop + lineHeight;
  const rowHeights = captionHeights.map((height) => cell + CAPTION_GAP + height + GAP);
  const height = rowsTop + rowHeights.reduce((sum, value) => sum + value, 0) - GAP + MARGIN;
  const canvas = makeCanvas({ width, height }, paper);

  const leftOf = (column: number) => MARGIN + column * (cell + GAP);
  const write = (lines: readonly Line[], { left, top }: Place) => {
    for (const [i, { text, color }] of lines.entries())
      drawText(canvas, { left, top: top + i * lineHeight }, text, { scale, color });
  };
  write(headings, { left: MARGIN, top: MARGIN });
  for (const [i, text] of columns.entries())
    write(wrap(text, charactersIn(cell), grayInk).slice(0, 1), { left: leftOf(i), top: columnsTop });
  let top = rowsTop;
  for (const [y, row] of rows.entries()) {
    for (const [x, { image }] of row.entries()) {
      drawOnMat(canvas, { left: leftOf(x), top }, image, cell);
      write(captions[y]?.[x] ?? [], { left: leftOf(x), top: top + cell + CAPTION_GAP });
    }
    top += rowHeights[y] as number;
  }
  return canvas;
}

const textScale = (cell: number): number => (cell >= LARGE_TEXT_FROM ? 2 : 1);

const wrap = (text: string, columns: number, color: Color): Line[] =>
  wrapText(printable(text), columns).map((line) => ({ text: line, color }));

const captionOf = ({ title, lines }: Cell, columns: number): Line[] => [
  ...(title === undefined ? [] : wrap(title, columns, ink)),
  ...lines.flatMap((line) => wrap(line, columns, grayInk)),
];

function drawOnMat(canvas: RawImage, { left, top }: Place, image: RawImage, cell: number): void {
  fillRectangle(canvas, { left, top }, { width: cell, height: cell }, mat);
  const place = {
    left: left + Math.floor((cell - image.width) / 2),
    top: top + Math.floor((cell - image.height) / 2),
  };
  drawImage(canvas, place, image);
}
