import { afterAll, vi } from 'vitest';
import { openDataset } from '../../src/datasets/opening/open-dataset.ts';
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

testDataset('manifest, over the network', {
  make: async (isChanged) => {
    const names = ['cat/1.jpg', 'cat/2.jpg', 'dog/1.jpg', 'dog/2.jpg'];
    const { server } = await served({
      ...Object.fromEntries(names.map((name) => [name, Buffer.from(`the image ${name}`)])),
      ...(isChanged && { 'dog/1.jpg': Buffer.from('another image of a dog') }),
      'a.lst': Buffer.from(names.map((name) => `${name} ${name.slice(0, 3)}`).join('\n')),
    });
    return () => openDataset(`${server.url}/a.lst`);
  },
});
