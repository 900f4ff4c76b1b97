import type { Batch, Mixing, RowFacts, Substitution } from '../../core/batch.ts';
import { joinedMixing } from '../../core/mixing.ts';
import { joinedMultiLabels, type MultiLabels } from '../../core/multi-labels.ts';
import type { Agreement } from './agreement.ts';

/**
 * The rows of all ranks, one after the other.
 *
 * @param substitutions of all of them
 */
export async function rowsOfAll(
  agreement: Agreement,
  { ids, keys, labels, multiLabels, mixing, occurrences, epoch, index }: Batch,
  substitutions: readonly Substitution[],
): Promise<RowFacts> {
  const shares = await agreement.share(async () => ({
    ...{ ids, keys, labels, mixing, occurrences },
    ...(multiLabels && { multiLabels }),
  }));
  return {
    ...{ epoch, index, substitutions },
    ids: Float64Array.from(shares.flatMap((share) => [...share.ids])),
    keys: shares.flatMap((share) => share.keys),
    labels: joined(shares.map((share) => share.labels)),
    ...(multiLabels && {
      multiLabels: joinedMultiLabels(shares.map((share) => share.multiLabels as MultiLabels)),
    }),
    // pairs lie within a rank's rows, so that partners stay partners
    mixing: mixing && joinedMixing(shares.map((share) => share.mixing as Mixing)),
    ...(shares.some((share) => share.occurrences !== undefined) && {
      occurrences: Uint32Array.from(
        shares.flatMap((share) => [...(share.occurrences ?? new Uint32Array(share.labels.length))]),
      ),
    }),
  };
}

const joined = (labels: readonly Int32Array[]): Int32Array =>
  Int32Array.from(labels.flatMap((own) => [...own]));
