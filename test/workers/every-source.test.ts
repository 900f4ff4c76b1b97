import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  datasetDigest,
  evaluate,
  importDataset,
  inspectDataset,
  openDataset,
  randomResizedCrop,
  renderPreview,
  store,
  train,
  verifyStream,
} from '../../src/index.ts';
import { equalSources, rawSources } from '../support/every-source.ts';
import { folderOf } from '../support/folders.ts';

const stream = { batchSize: 2, workers: 0 };
const computing = { device: 'cpu', threads: 1 } as const;
const recipe = { imageSize: 16 };

/** What every command, each by its call, says of the data at a path. */
async function byEveryCommand(data: string) {
  const workspace = folderOf();
  const { digests, checkpoint } = await train({
    ...{ data, valShare: 0.2, workspace, report: false, maxSteps: 1, ...computing },
    ...{ stream: { ...stream, digest: true }, recipe, model: { variant: 'nano' }, schedule: { epochs: 1 } },
  }).result;
  const { top1 } = await evaluate({ checkpoint: checkpoint as string, data, stream, ...computing });
  const dataset = await openDataset(data);
  const { name: _, place, classes, split, ...inspected } = await inspectDataset(data);
  const imported = store(await importTo(dataset, workspace));
  const preview = await renderPreview({ data, samples: 1, versions: 1, recipe });
  expect([place, classes, split]).toEqual([dataset.place?.(0), dataset.classes, dataset.split]);
  return {
    digests: { dataset: await datasetDigest(dataset), imported: await datasetDigest(imported) },
    ...{ stream: digests?.stream, top1, inspected, shown: preview.samples.map(({ key }) => key) },
  };
}

/** Whether `millrace verify` finds one stream in the data at all these paths. */
async function haveOneStream([first, ...others]: readonly string[]): Promise<boolean> {
  const sameAs = await Promise.all(others.map((path) => openDataset(path)));
  const verdict = await verifyStream(await openDataset(first as string), [randomResizedCrop(8)], {
    // of all variants those that are named by the paths
    ...{ batchSize: 2, batches: 1, workers: 1, backends: ['reference'], only: 'millrace-test', sameAs },
  });
  expect(verdict.results).toHaveLength(1 + others.length);
  return verdict.isOneStream;
}

async function importTo(dataset: Awaited<ReturnType<typeof openDataset>>, folder: string): Promise<string> {
  const path = join(folder, 'imported.lmdb');
  await importDataset(dataset, path, { workers: 1 });
  return path;
}

describe('every command', () => {
  it('takes every source, and has one digest where the bytes are the same', async () => {
    let first: Awaited<ReturnType<typeof byEveryCommand>> | undefined;
    const sources = await equalSources();
    for (const [name, data] of Object.entries(sources)) {
      const found = await byEveryCommand(data);
      first ??= found;
      expect(found, name).toEqual(first);
    }
    // the stream of each was compared already: verify opens data as the others do
    const { folder = '', parquet = '', 'tar of tars': tars = '' } = sources;
    expect(await haveOneStream([folder, parquet, tars])).toBe(true);
    expect(first?.digests.imported).toBe(first?.digests.dataset);
    expect(first?.inspected).toMatchObject({
      ...{ splits: {}, samples: 18, bytes: 272_038, lookedAt: 18, formats: { png: 18 }, bad: [], missing: 0 },
      ...{ classCounts: [6, 6, 6], unlabelled: 0, digest: first?.digests.dataset },
    });
  });

  it.each(['npz', 'cifar', 'idx'])('takes pixels that are not encoded: %s', async (name) => {
    const { digests, inspected } = await byEveryCommand(rawSources()[name] as string);
    expect(digests.imported).toBe(digests.dataset);
    expect(inspected).toMatchObject({ bad: [], formats: { raw: inspected.samples } });
  });
});
