/** Where a training stands between two steps. */
export interface Cursor {
  /** Steps made since the beginning: the number of the next. Gradients are applied by this count, across epochs. */
  readonly step: number;
  /** The next batch of the training stream. */
  readonly epoch: number;
  readonly batch: number;
  /** The epoch has had its last batch, and has not been evaluated yet. */
  readonly isEpochOver: boolean;
  /** Digest of the epoch's stream up to the next batch, where it is computed. */
  readonly streamDigest?: string;
}

/** The evaluation with the highest mean average precision so far, where it has one, else with the highest top-1. */
export interface Best {
  readonly epoch: number;
  readonly top1: number;
  readonly mAP?: number;
}

/** What a training knows beside the trainer's state, to be gone on from later. */
export interface RunState {
  readonly cursor: Cursor;
  readonly best?: Best;
}

export const beginning: RunState = { cursor: { step: 0, epoch: 0, batch: 0, isEpochOver: false } };

/** Where the training stream begins, to go on from here. */
export function streamStart({ epoch, batch, isEpochOver, streamDigest }: Cursor) {
  if (isEpochOver) return { epoch: epoch + 1, batch: 0 };
  return { epoch, batch, ...(streamDigest !== undefined && { digest: streamDigest }) };
}

/** What decides which evaluation is best, 0..1. */
export const scoreOf = ({ top1, mAP }: Omit<Best, 'epoch'>): number => mAP ?? top1;
