import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openReader } from '../../src/datasets/dataset.ts';
import { type WebDatasetOptions, webDataset } from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';

interface Golden {
  readonly pattern: string;
  readonly shards: Readonly<Record<string, string>>;
  /** As WebDataset reads them, in order. */
  readonly samples: readonly { readonly key: string; readonly fields: Readonly<Record<string, string>> }[];
}

const golden: Golden = JSON.parse(readFileSync('test/golden/webdataset.json', 'utf8'));
const unpacked = Object.entries(golden.shards).map(([name, packed]) => [
  name,
  gunzipSync(Buffer.from(packed, 'base64')),
]);
const pathOf = () => join(folderOf(Object.fromEntries(unpacked)), golden.pattern);

/** Each sample's key, class and image, in order. */
async function read(options: WebDatasetOptions) {
  const dataset = await webDataset(pathOf(), options);
  const reader = await openReader(dataset.reader);
  const samples: [key: string, label: string | undefined, image: string][] = [];
  for (let i = 0; i < dataset.length; i++)
    samples.push([
      dataset.key(i),
      dataset.classes[dataset.label(i)],
      String(await reader.read(dataset.locator(i))),
    ]);
  await reader.close();
  return samples;
}

describe('shards that WebDataset wrote', () => {
  it('give its samples in its order, with the field that is named as the image', async () => {
    for (const field of ['jpg', 'seg.png'])
      expect(await read({ imageMember: field, labelKey: 'is.kind' })).toEqual(
        golden.samples.map(({ key, fields }) => [`${key}.${field}`, fields['txt'], fields[field]]),
      );
  });

  it('give the class that stands in .json at a key', async () => {
    const labels = (await read({ labelKey: 'is.number' })).map(([, label]) => label);
    expect(labels).toEqual(
      golden.samples.map(({ fields }) => String(JSON.parse(fields['json'] as string).is.number)),
    );
  });

  it('leave samples without .cls as bad ones where others have it', async () => {
    const dataset = await webDataset(pathOf());
    const labels = golden.samples.map((_, index) => dataset.label(index));
    expect(labels).toEqual(golden.samples.map(({ fields }) => Number(fields['cls'] ?? -1)));
  });
});
