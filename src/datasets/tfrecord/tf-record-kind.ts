import { basename } from 'node:path';
import { shardKind } from '../opening/shard-kind.ts';
import { expandBraces } from '../tar/brace-list.ts';
import { isFrameHead } from './record-frames.ts';
import { isRecordName } from './record-names.ts';
import { listTfRecords, recordFormat } from './tf-records.ts';

export const tfRecordKind = shardKind({
  description:
    'TFRecord files: one, several (train-{00000..00009}-of-00010), a folder of them, or one with train/ and val/ folders',
  format: recordFormat,
  pattern: '*.tfrecord',
  options: ['labelOffset'],
  isHead: isFrameHead,
  isList: (path) => expandBraces(path).some((one) => isRecordName(basename(one))),
  list: (path, { imageMember, labelKey, labelOffset, ...options }, listing) =>
    listTfRecords(
      path,
      {
        ...{ ...options, imageFeature: imageMember, labelFeature: labelKey },
        ...(labelOffset !== undefined && { labelOffset }),
      },
      listing,
    ),
});
