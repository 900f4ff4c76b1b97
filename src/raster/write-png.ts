import type { RawImage } from '../core/image.ts';
import { writeWhole } from '../core/write-whole.ts';
import { encodePng } from './png.ts';

/** Writes a picture to a PNG file, whose folder is made where it is missing. */
export async function writePng(path: string, image: RawImage): Promise<void> {
  await writeWhole(path, await encodePng(image), { what: 'the picture', makesFolder: true });
}
