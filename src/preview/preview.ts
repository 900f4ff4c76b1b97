import type { RawImage } from '../core/image.ts';
import { namesOf } from '../core/multi-labels.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { type Cell, charactersIn, drawGrid } from './grid.ts';
import type { PreviewSample, PreviewVersion } from './render.ts';
import { endOfPath, printable } from './text.ts';

/** Lines that a key may take under its image. */
const KEY_LINES = 2;

export interface PictureOptions {
  readonly heading: string;
  readonly versions: number;
  readonly cell: number;
}

/** The preview as one picture: a row a sample, the original on the left. */
export function drawPreview(
  dataset: Dataset,
  samples: readonly PreviewSample[],
  { heading, versions, cell }: PictureOptions,
): RawImage {
  const epochs = Array.from({ length: versions }, (_, epoch) => `epoch ${epoch}`);
  const rows = samples.map((sample) => [
    originalCell(dataset, sample, cell),
    ...sample.versions.map(versionCell),
  ]);
  return drawGrid({ heading, columns: ['original', ...epochs], rows, cell });
}

function originalCell(
  { classes }: Dataset,
  { key, size, original, ...of }: PreviewSample,
  cell: number,
): Cell {
  const name = namesOf(classes, of);
  const file = key.startsWith(`${name}/`) ? key.slice(name.length + 1) : key;
  const shortKey = endOfPath(printable(file), KEY_LINES * charactersIn(cell, cell));
  return { image: original, title: name, lines: [shortKey, `${size.width}x${size.height}`] };
}

const versionCell = ({ image, lines }: PreviewVersion): Cell => ({ image, lines });
