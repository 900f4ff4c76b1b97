import type { StreamPosition } from '../engine/order/feed.ts';

/** Part of the stream: batches from `from` to before `to`. */
export interface Window {
  readonly from: StreamPosition;
  readonly to: StreamPosition;
}

/**
 * What is compared of two epochs. Epochs of at most `limit` batches are compared whole. Of longer ones so many at the
 * beginning, and about as many around the first epoch's end.
 */
export function windowsOf(batchesPerEpoch: number, limit: number): Window[] {
  if (batchesPerEpoch <= limit) return [{ from: { epoch: 0, batch: 0 }, to: { epoch: 2, batch: 0 } }];
  const before = Math.ceil(limit / 2);
  const after = Math.max(1, limit - before);
  return [
    { from: { epoch: 0, batch: 0 }, to: { epoch: 0, batch: limit } },
    { from: { epoch: 0, batch: batchesPerEpoch - before }, to: { epoch: 1, batch: after } },
  ];
}

/** Every batch of a window, in order. */
export function positionsIn({ from, to }: Window, batchesPerEpoch: number): StreamPosition[] {
  const positions: StreamPosition[] = [];
  for (let at = from; isBefore(at, to); at = following(at, batchesPerEpoch)) positions.push(at);
  return positions;
}

export function isBefore(a: StreamPosition, b: StreamPosition): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.batch < b.batch);
}

function following({ epoch, batch }: StreamPosition, batchesPerEpoch: number): StreamPosition {
  return batch + 1 < batchesPerEpoch ? { epoch, batch: batch + 1 } : { epoch: epoch + 1, batch: 0 };
}

export const describePosition = ({ epoch, batch }: StreamPosition): string =>
  `epoch ${epoch}, batch ${batch}`;
