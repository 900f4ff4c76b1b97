import type { Command } from 'commander';

/** For every command that reads a dataset, which may be shards. */
export function addShardFlags(command: Command): Command {
  return command
    .option(
      '--image-member <field>',
      'in shards: which member of a sample is the image, such as seg.png; in TFRecords: which feature',
    )
    .option(
      '--label-key <key>',
      "in shards: where the class is in a sample's .json, such as category.name; in TFRecords: which feature it is",
    );
}
