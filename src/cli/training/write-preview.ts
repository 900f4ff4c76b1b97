import { extname } from 'node:path';
import { DataError, ParameterError } from '../../core/errors.ts';
import type { RawImage } from '../../core/image.ts';
import { writeWhole } from '../../core/write-whole.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { checkInteger, resolveOptions } from '../../engine/plan/options.ts';
import { defaultCell } from '../../preview/fit.ts';
import { imagesSize } from '../../preview/grid.ts';
import { drawPreview } from '../../preview/preview.ts';
import { type PreviewSample, type RenderOptions, renderSamples } from '../../preview/render.ts';
import { encodePng } from '../../raster/png.ts';
import { type AugmentationFlags, type DataFlags, imageSizeOf, trainingSteps } from '../flags/data-flags.ts';
import { withGpu } from '../flags/with-gpu.ts';

/** What decides how a preview looks. */
export interface PreviewFlags
  extends AugmentationFlags,
    Pick<DataFlags, 'dataBackend' | 'gpuAdapter' | 'seed' | 'onError'> {
  readonly samples: number;
  readonly versions: number;
  /** Default: the edge at which the augmented images keep their pixels, 160 to 256. */
  readonly cell?: number;
}

/** Writes the picture of a dataset's augmentation to a PNG file; returns what it shows. */
export async function writePreview(
  dataset: Dataset,
  flags: PreviewFlags,
  out: string,
  { log = () => {}, signal }: { readonly log?: (line: string) => void; readonly signal?: AbortSignal } = {},
): Promise<PreviewSample[]> {
  const { versions, samples: count, onError } = flags;
  const steps = trainingSteps(flags);
  const cell = flags.cell ?? defaultCell(imageSizeOf(flags));
  checkPicture(out, count, versions, cell);
  const options = {
    ...streamOptions(flags),
    steps,
    samples: count,
    versions,
    cell,
    onBadSample: onError === 'stop' ? undefined : ({ message }: Error) => log(`not shown: ${message}`),
    signal,
  };
  const samples = await withGpu(flags, log, () => renderSamples(dataset, options));
  if (samples.length === 0) throw new DataError('NO_SAMPLES', `${dataset.name}: no image can be shown`);
  await writePng(out, drawPreview(dataset, samples, { heading: headingOf(flags), versions, cell }));
  return samples;
}

/** The seed and the backend, checked as a pipeline checks them. */
function streamOptions(flags: PreviewFlags): Pick<RenderOptions, 'seed' | 'backend' | 'gpuAdapter'> {
  const { seed, backend, gpuAdapter } = resolveOptions({
    seed: flags.seed,
    backend: flags.dataBackend,
    ...(flags.gpuAdapter !== undefined && { gpuAdapter: flags.gpuAdapter }),
  });
  if (backend === 'synthetic')
    throw new ParameterError('INVALID_OPTION', "preview: the data backend 'synthetic' reads no images");
  return { seed, backend, gpuAdapter };
}

/** Pixels of a picture without its text; a hundred million are 300 MB. */
const MAX_PIXELS = 100_000_000;

function checkPicture(out: string, samples: number, versions: number, cell: number): void {
  checkPngName('--out', out);
  checkInteger('--samples', samples, 1, 10_000);
  checkInteger('--versions', versions, 1, 1000);
  checkInteger('--cell', cell, 48, 4096);
  const { width, height } = imagesSize(versions + 1, samples, cell);
  if (width * height <= MAX_PIXELS) return;
  const message = `--samples ${samples}, --versions ${versions} and --cell ${cell} make a picture of ${width} x ${height} pixels`;
  throw new ParameterError('PICTURE_TOO_LARGE', `${message}, at most ${MAX_PIXELS} pixels are drawn`);
}

export function checkPngName(flag: string, path: string): void {
  if (extname(path).toLowerCase() === '.png') return;
  throw new ParameterError('INVALID_OPTION', `${flag} must be a .png file, got '${path}'`);
}

function headingOf(flags: PreviewFlags): string {
  const { augmentation, policy, interpolation, seed } = flags;
  const extra = augmentation === 'autoaugment' ? [`AutoAugment ${policy}`] : [];
  const size = imageSizeOf(flags);
  return ['millrace preview', `seed ${seed}`, `${size}x${size} ${interpolation}`, ...extra].join(', ');
}

export async function writePng(path: string, image: RawImage): Promise<void> {
  writeWhole(path, await encodePng(image), { what: 'the picture', makesFolder: true });
}
