import type { Batch, Substitution } from '../../core/batch.ts';
import { TrainerError } from '../../core/errors.ts';
import { NoStandIn } from '../../engine/order/substitution.ts';
import { streamDigest } from '../../engine/rows/stream-digest.ts';

/** What a rank tells of its rows of a step; null: its stream has ended. */
export type Share = {
  readonly epoch: number;
  readonly index: number;
  readonly images: number;
  readonly substitutions: readonly Substitution[];
  readonly digests: Uint8Array | undefined;
  /** No stand-in was found for a row: there is no batch. */
  readonly isUnfilled: boolean;
} | null;

export function shareOf(pulled: Batch | NoStandIn | undefined): Share {
  if (pulled === undefined) return null;
  if (pulled instanceof NoStandIn) return { ...pulled.rows, images: 0, digests: undefined, isUnfilled: true };
  const { epoch, index, labels, substitutions, rowDigests } = pulled;
  return {
    ...{ epoch, index, substitutions, images: labels.length },
    digests: rowDigests && Buffer.concat(rowDigests),
    isUnfilled: false,
  };
}

/** A step as all ranks' shares make it. */
export interface SharedStep {
  readonly epoch: number;
  readonly index: number;
  readonly images: number;
  readonly substitutions: readonly Substitution[];
  readonly isUnfilled: boolean;
  /** Digest of the stream up to and with the step, by that of the batch before. */
  readonly digestAfter: (previous: string) => string | undefined;
}

/** @param rows of a rank's share */
export function joinShares(shares: readonly Share[], rows: number): SharedStep | undefined {
  const [first] = shares;
  const own = shares.filter((share) => share !== null);
  const isSame = own.every(({ epoch, index }) => epoch === first?.epoch && index === first.index);
  if (!isSame || ![0, shares.length].includes(own.length)) throw outOfStep(shares);
  if (first == null) return undefined;
  const { epoch, index } = first;
  const isUnfilled = own.some((share) => share.isUnfilled);
  const replaced = own.flatMap((share, rank) => placed(share.substitutions, rank * rows));
  const substitutions = isUnfilled ? byAttempt(replaced) : replaced;
  const rowDigests = own.flatMap(({ digests }) => digests ?? []);
  return {
    ...{ epoch, index, substitutions, isUnfilled },
    images: own.reduce((sum, { images }) => sum + images, 0),
    digestAfter: (previous) =>
      rowDigests.length === 0
        ? undefined
        : streamDigest(index === 0 ? '' : previous, { epoch, index, substitutions, rowDigests }),
  };
}

const placed = (substitutions: readonly Substitution[], firstRow: number): Substitution[] =>
  substitutions.map((one) => ({ ...one, row: firstRow + one.row }));

/** As a rank has them that does not get its batch filled: what was tried first comes first. */
function byAttempt(substitutions: readonly Substitution[]): Substitution[] {
  const attempts = new Map<number, number>();
  const tried = substitutions.map((substitution) => {
    const attempt = attempts.get(substitution.row) ?? 0;
    attempts.set(substitution.row, attempt + 1);
    return { substitution, attempt };
  });
  return tried.sort((a, b) => a.attempt - b.attempt).map(({ substitution }) => substitution);
}

function outOfStep(shares: readonly Share[]): TrainerError {
  const places = shares.map((share) =>
    share === null ? 'the end' : `batch ${share.index} of epoch ${share.epoch}`,
  );
  return new TrainerError('RANKS_DIVERGED', `ranks stand at different places: ${places.join(', ')}`);
}
