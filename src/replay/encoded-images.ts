import type { Executor } from '../../backends/backend.ts';
import type { RawImage } from '../core/image.ts';
import { fitToCell } from '../preview/fit.ts';
import { encodePng } from '../raster/png.ts';
import type { ImageSource } from './picture-markup.ts';
import type { Replay } from './replay-batch.ts';

/** Originals that are larger are shown at this size: all other images as they are. */
const LARGEST_ORIGINAL = 800;

/** Images as data URLs. */
export async function encodeImages(images: readonly RawImage[]): Promise<ImageSource> {
  const urls = new Map<RawImage, string>();
  for (const image of images) urls.set(image, await urlOf(image));
  return (image) => urls.get(image) as string;
}

/** The images that a replay's page shows. */
export async function encodeReplay(executor: Executor, replay: Replay): Promise<ImageSource> {
  const { sample, mixing, mixedAsImage, tensorAsImage } = replay;
  const { original, stages } = sample;
  const mixed = [sample, mixing?.partner].flatMap((one) => one?.mixable ?? []);
  const others = await encodeImages([
    ...stages.map(({ image }) => image),
    ...mixed,
    mixedAsImage,
    tensorAsImage,
  ]);
  const isLarge = Math.max(original.width, original.height) > LARGEST_ORIGINAL;
  const url = await urlOf(isLarge ? await fitToCell(executor, original, LARGEST_ORIGINAL) : original);
  return (image) => (image === original ? url : others(image));
}

const urlOf = async (image: RawImage): Promise<string> =>
  `data:image/png;base64,${(await encodePng(image)).toString('base64')}`;
