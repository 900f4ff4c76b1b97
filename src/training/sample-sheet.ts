import type { RawImage } from '../core/image.ts';
import { namesOf } from '../core/multi-labels.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { PreviewSample } from '../preview/render.ts';
import { encodePng } from '../raster/png.ts';
import type { SheetCell, SheetRow } from '../workspace/sample-sheet.ts';

/** What training sees, as single images for the report. */
export const sheetOf = (dataset: Dataset, samples: readonly PreviewSample[]): Promise<SheetRow[]> =>
  Promise.all(samples.map((sample) => rowOf(dataset, sample)));

async function rowOf({ classes }: Dataset, sample: PreviewSample): Promise<SheetRow> {
  const { key, size, original, versions } = sample;
  return {
    title: namesOf(classes, sample),
    original: await cellOf(original, [key, `${size.width} × ${size.height}`]),
    epochs: await Promise.all(versions.map(({ image, lines }) => cellOf(image, lines))),
  };
}

async function cellOf(image: RawImage, lines: readonly string[]): Promise<SheetCell> {
  return { png: Buffer.from(await encodePng(image)).toString('base64'), lines };
}
