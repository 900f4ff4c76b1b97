import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseByteCount } from '../../core/byte-count.ts';
import { DEFAULT_CACHE_LIMIT } from '../../datasets/opening/listing.ts';
import { atLeast, integerOption } from '../command.ts';

/** How samples are found, for every command that reads a dataset. */
export function addShardFlags(command: Command): Command {
  return command
    .option(
      '--image-member <name>',
      'what holds the image: in shards the member of a sample, such as seg.png; in Parquet and lists the column; in TFRecords the feature',
    )
    .option(
      '--label-key <name>',
      "what holds the class: in shards the place in a sample's .json, such as category.name; in Parquet and lists the column; in TFRecords the feature",
    )
    .option(
      '--image-root <folder>',
      'of a list of images: the folder that its paths are in, or a .tar of them (default: the folder of the list)',
    )
    .option(
      '--label-separator <text>',
      'of a list of images: what stands between several classes of one, such as "|"',
    )
    .addOption(
      integerOption(
        '--label-offset <n>',
        'of TFRecords: the class that becomes label 0 (default: 1 where classes count from 1, else 0)',
        undefined,
        atLeast(0),
      ),
    )
    .option('--coarse', 'of CIFAR-100: its 20 coarse classes')
    .option(
      '--cache <folder>',
      'a folder that keeps what is read over the network (default: nothing is kept)',
    )
    .addOption(
      new Option(
        '--cache-limit <size>',
        `how much the cache may take, such as 100GB (default: ${DEFAULT_CACHE_LIMIT / 1e9}GB)`,
      ).argParser(bytesOf),
    );
}

/** Of a size as people write it: `100GB`, `0.5 TB`, `64MiB`. */
function bytesOf(text: string): number {
  const bytes = parseByteCount(text);
  if (bytes !== undefined && bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError('Expected a size such as 100GB or 64MiB (1 GB is 1e9 bytes).');
}
