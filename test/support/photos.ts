import sharp from 'sharp';
import { folderOf } from './folders.ts';

/** A small noisy JPEG; another one for another seed. */
export function photo(seed: number, width = 96, height = 72): Promise<Buffer> {
  const background = { r: (seed * 37) % 256, g: (seed * 91) % 256, b: (seed * 11) % 256 };
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
  return sharp({ create: { width, height, channels: 3, background, noise } })
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
