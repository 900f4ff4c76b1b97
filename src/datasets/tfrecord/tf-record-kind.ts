import { basename } from 'node:path';
import { shardKind } from '../shard-kind.ts';
import { expandBraces } from '../tar/brace-list.ts';
import { isFrameHead } from './record-frames.ts';
import { isRecordName } from './record-names.ts';
import { recordFormat, tfRecords } from './tf-records.ts';

export const tfRecordKind = shardKind({
  description:
    'TFRecord files: one, several (train-{00000..00009}-of-00010), a folder of them, or one with train/ and val/ folders',
  format: recordFormat,
  pattern: '*.tfrecord',
  options: ['labelOffset'],
  isHead: isFrameHead,
  isList: (path) => expandBraces(path).some((one) => isRecordName(basename(one))),
  open: (path, { imageMember, labelKey, labelOffset, ...options }) =>
    tfRecords(path, {
      ...{ ...options, imageFeature: imageMember, labelFeature: labelKey },
      ...(labelOffset !== undefined && { labelOffset }),
    }),
});
