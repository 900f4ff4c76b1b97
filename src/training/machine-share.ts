import { availableParallelism, cpus } from 'node:os';
import { coreShare } from '../ranks/core-share.ts';
import { idleCores } from '../ranks/default-binding.ts';
import { withoutTrainersAdapter } from '../trainers/device.ts';
import { adapterOfRank } from './adapter-of-rank.ts';
import type { CompleteOptions, MachineShare } from './complete-options.ts';
import type { Agreement } from './ranks/agreement.ts';

/** Divides each machine among its ranks, before they open anything; undefined where a rank is alone. */
export async function machineShare(
  agreement: Agreement,
  options: CompleteOptions,
  warn: (message: string) => void,
): Promise<MachineShare | undefined> {
  const { ranks } = agreement;
  const cores = await coreShare(ranks);
  if (cores === undefined) return undefined;
  const { localSize } = ranks;
  const idle = idleCores(process.env, { own: availableParallelism(), localSize, machine: cpus().length });
  if (idle !== undefined) warn(idle);
  const gpuAdapter = await agreement.together(() => adapterOfRank(ranks, options, warn));
  return { cores, ...(gpuAdapter !== undefined && { gpuAdapter }) };
}

type Sharing = Pick<CompleteOptions, 'stream' | 'share'>;

/** The options of the stream with this rank's share of the machine. */
export function sharedStream({ stream, share }: Sharing): CompleteOptions['stream'] {
  const { workers = share?.cores, gpuAdapter = share?.gpuAdapter } = stream;
  return {
    ...stream,
    ...(workers !== undefined && { workers }),
    ...(gpuAdapter !== undefined && { gpuAdapter }),
  };
}

/** How a rank reads: with its share of the machine, and with an adapter only where it makes batches. */
export const readingStream = (
  options: Sharing & Pick<CompleteOptions, 'trainer' | 'device'>,
): CompleteOptions['stream'] => withoutTrainersAdapter(sharedStream(options), options);
