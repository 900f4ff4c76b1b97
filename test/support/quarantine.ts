import type { QuarantineRecord } from '../../src/engine/quarantine/record.ts';

/** A record of a sample in `train`, with what is given. */
export const recordOf = (key: string, given: Partial<QuarantineRecord> = {}): QuarantineRecord => ({
  key,
  split: 'train',
  dataset: 'imageFolder(photos/train)',
  id: 3,
  path: `photos/train/${key}`,
  code: 'NOT_AN_IMAGE',
  message: `${key}: expected a JPEG, got text`,
  firstBytes: '3c68746d6c3e',
  epoch: 0,
  batch: 2,
  row: 1,
  time: '2026-11-23T12:00:00.000Z',
  ...given,
});
