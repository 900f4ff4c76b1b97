import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathIn, systemPath } from '../../opening/file-path.ts';
import type { ManifestRow } from '../manifest-row.ts';

const LOOKED_AT = 3;

/**
 * The folder that has the images of COCO's annotations on the disk: `train2017` beside the folder of
 * `annotations/instances_train2017.json`, or where other tools have it; undefined where none has the first images.
 */
export function annotatedImages(path: string, rows: readonly ManifestRow[]): string | undefined {
  const folder = resolve(dirname(path));
  const name = basename(path).replace(/\.json$/i, '');
  const names = ['', name.replace(/^[a-z]+_/i, ''), name];
  const roots = [folder, dirname(folder)].flatMap((root) =>
    names.flatMap((one) => [join(root, one), join(root, 'images', one)]),
  );
  const first = rows.slice(0, LOOKED_AT).map(({ path }) => path);
  const has = (root: string) => first.some((image) => existsSync(systemPath(pathIn(root, image))));
  return roots.find(has);
}
