import sharp from 'sharp';
import { folderOf } from './folders.ts';
import { noise } from './images.ts';

/** A small noisy JPEG: always the same one for a seed, and another one for another seed. */
export function photo(seed: number, width = 96, height = 72): Promise<Buffer> {
  const darkest = (seed * 37) % 128;
  const { data } = noise({ width, height }, seed, [darkest, darkest + 127]);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toBuffer();
}

/** A folder of `count` JPEGs a class in `cat` and `dog`, and what `more` names. */
export async function photoFolder(
  count: number,
  more: Readonly<Record<string, Uint8Array>> = {},
): Promise<string> {
  const files: Record<string, Uint8Array> = { ...more };
  for (const [c, name] of ['cat', 'dog'].entries())
    for (let i = 0; i < count; i++) files[`${name}/${i}.jpg`] = await photo(c * count + i);
  return folderOf(files);
}
