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
} from '../raster/canvas.ts';
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

interface PlacedText extends Place {
  readonly lines: readonly Line[];
}

interface PlacedImage extends Place {
  readonly image: RawImage;
}

interface Layout extends Size {
  readonly texts: readonly PlacedText[];
  readonly images: readonly PlacedImage[];
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

/** Draws the grid. Every image lies centred on a mat of the cell's size, captions are wrapped to its width. */
export function drawGrid(grid: Grid): RawImage {
  const { cell } = grid;
  const { width, height, texts, images } = layOut(grid);
  const canvas = makeCanvas({ width, height }, paper);
  for (const placed of images) drawOnMat(canvas, placed, cell);
  for (const { left, top, lines } of texts) {
    for (const [i, { text, color }] of lines.entries())
      drawText(canvas, { left, top: top + i * lineHeight(cell) }, text, { scale: textScale(cell), color });
  }
  return canvas;
}

/** Size of the picture without its text, which is known before anything is read. */
export function imagesSize(columns: number, rows: number, cell: number): Size {
  const extent = (count: number) => 2 * MARGIN + count * cell + (count - 1) * GAP;
  return { width: extent(columns), height: extent(rows) };
}

/** Characters that fit into a line of this many pixels, in the text that belongs to the cell. */
export const charactersIn = (width: number, cell: number): number =>
  Math.max(1, Math.floor(width / (characterPitch * textScale(cell))));

/** Places everything from the top down: heading, headings of the columns, then each row as high as it has to be. */
function layOut({ heading, columns, rows, cell }: Grid): Layout {
  const { width } = imagesSize(columns.length, rows.length, cell);
  const leftOf = (column: number) => MARGIN + column * (cell + GAP);
  const wrapInCell = (text: string, color: Color) => wrap(text, charactersIn(cell, cell), color);

  const headingLines = wrap(heading, charactersIn(width - 2 * MARGIN, cell), ink);
  const texts: PlacedText[] = [{ left: MARGIN, top: MARGIN, lines: headingLines }];
  const images: PlacedImage[] = [];
  let top = MARGIN + headingLines.length * lineHeight(cell) + GAP;

  for (const [i, text] of columns.entries())
    texts.push({ left: leftOf(i), top, lines: wrapInCell(text, grayInk).slice(0, 1) });
  top += lineHeight(cell);

  for (const row of rows) {
    const captions = row.map(({ title = '', lines }) => [
      ...wrapInCell(title, ink),
      ...lines.flatMap((line) => wrapInCell(line, grayInk)),
    ]);
    for (const [i, { image }] of row.entries()) images.push({ left: leftOf(i), top, image });
    top += cell + CAPTION_GAP;
    for (const [i, lines] of captions.entries()) texts.push({ left: leftOf(i), top, lines });
    top += Math.max(...captions.map(({ length }) => length)) * lineHeight(cell) + GAP;
  }
  return { width, height: top - GAP + MARGIN, texts, images };
}

const textScale = (cell: number): number => (cell >= LARGE_TEXT_FROM ? 2 : 1);
const lineHeight = (cell: number): number => linePitch * textScale(cell);

const wrap = (text: string, columns: number, color: Color): Line[] =>
  wrapText(printable(text), columns).map((line) => ({ text: line, color }));

function drawOnMat(canvas: RawImage, { left, top, image }: PlacedImage, cell: number): void {
  fillRectangle(canvas, { left, top }, { width: cell, height: cell }, mat);
  const insetX = Math.floor((cell - image.width) / 2);
  const insetY = Math.floor((cell - image.height) / 2);
  drawImage(canvas, { left: left + insetX, top: top + insetY }, image);
}
