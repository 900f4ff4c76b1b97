import { afterAll, vi } from 'vitest';
import { parquetBytes } from '../support/parquet.ts';
import { openServed, served } from '../support/remote-sources.ts';
import { tarOf, tarSample } from '../support/tar.ts';
import { recordsOf } from '../support/tf-records.ts';
import { testDataset } from './test-dataset.ts';

afterAll(() => vi.unstubAllEnvs());

const shard = (name: string, more = '') =>
  tarOf([...tarSample(`${name}/1`, 0), ...tarSample(`${name}/2`, 2, `${name}, an image${more}`)]);
const records = (name: string, more = '') =>
  recordsOf([0, 2].map((label) => ({ image: `${name}, image ${label}${more}`, label })));

const sources: Record<string, (isChanged: boolean) => Record<string, Buffer>> = {
  webDataset: (isChanged) => ({ 'a.tar': shard('a'), 'b.tar': shard('b', isChanged ? ' and more' : '') }),
  tfRecords: (isChanged) => ({
    'a.tfrecord': records('a'),
    'b.tfrecord': records('b', isChanged ? ', more' : ''),
  }),
  parquet: (isChanged) => ({ 'x.parquet': parquetBytes(isChanged ? 'gaps' : 'groups of 5') }),
};

for (const [name, files] of Object.entries(sources))
  testDataset(`${name}, over the network`, {
    make: async (isChanged) => {
      const there = await served(files(isChanged));
      return () => openServed(there);
    },
  });
