import { parseTarHeader } from '../tar/tar-header.ts';
import { listWebDataset, webDatasetFormat } from '../tar/web-dataset.ts';
import { shardKind } from './shard-kind.ts';

export const webDatasetKind = shardKind({
  description:
    'WebDataset shards: a .tar file, several (shard-{000..009}.tar), a folder of them, or one with train/*.tar and val/*.tar',
  format: webDatasetFormat,
  pattern: '.tar',
  isHead: (head) => parseTarHeader(head) !== undefined,
  isList: () => true,
  list: listWebDataset,
});
