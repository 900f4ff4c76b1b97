import { join } from 'node:path';
import { isFolderPath } from '../folder/folders.ts';
import { hasClassFolders } from '../folder/holds-images.ts';
import { shardKind } from '../opening/shard-kind.ts';
import type { SourceKind } from '../opening/source-kind.ts';
import { expandBraces } from '../tar/brace-list.ts';
import { shardsIn } from '../tar/chosen-shards.ts';
import { isParquet } from './footer.ts';
import { listParquet, parquetFormat } from './parquet.ts';

const files = shardKind({
  description:
    'Parquet files of the Hugging Face hub: a .parquet file, several, a folder of them or with data/*.parquet, or with train/*.parquet and so on',
  format: parquetFormat,
  pattern: '.parquet',
  isHead: isParquet,
  isList: (path) => expandBraces(path).some(parquetFormat.isShardName),
  list: (path, { imageMember, labelKey, ...options }, listing) =>
    listParquet(path, { ...options, imageColumn: imageMember, labelColumn: labelKey }, listing),
});

/** As other files of which a dataset may have many, or as the hub lays them out: in the folder `data`. */
export const parquetKind: SourceKind = {
  ...files,
  recognises: (info) => files.recognises({ ...info, path: filesPath(info.path) }),
  division: (path) => files.division(filesPath(path)),
  open: (path, options) => files.open(filesPath(path), options),
};

function filesPath(path: string): string {
  const holdsFiles = (folder: string) => isFolderPath(folder) && shardsIn(folder, parquetFormat).length > 0;
  if (!isFolderPath(path) || holdsFiles(path) || hasClassFolders(path)) return path;
  const data = join(path, 'data');
  return holdsFiles(data) ? data : path;
}
