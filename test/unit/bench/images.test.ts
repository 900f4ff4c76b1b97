import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { ensureImageSet, type ImageSet, imageSets } from '../../../bench/images.ts';
import { folderOf } from '../../support/folders.ts';

it.each(Object.entries(imageSets))(
  'makes files of the set %s as it is declared',
  async (_name, set: ImageSet) => {
    const folder = await ensureImageSet({ ...set, count: 2 }, folderOf());
    const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const files = entries.filter((file) => /\.(jpg|png)$/.test(file));
    expect(files).toHaveLength(2);
    const { width, height, format, chromaSubsampling } = await sharp(
      join(folder, files[0] as string),
    ).metadata();
    expect({ width, height }).toEqual({ width: set.width, height: set.height });
    expect(format).toBe('format' in set ? 'png' : 'jpeg');
    expect(chromaSubsampling).toBe('chroma' in set ? set.chroma : undefined);
  },
);
