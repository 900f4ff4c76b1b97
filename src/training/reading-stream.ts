import { withoutTrainersAdapter } from '../trainers/device.ts';
import type { CompleteOptions } from './complete-options.ts';

type Reading = Pick<CompleteOptions, 'stream' | 'trainer' | 'device' | 'cores'>;

/** How a training reads on this machine: with an adapter only where it makes batches, and a thread for each of its cores. */
export function readingStream({ stream, trainer, device, cores }: Reading): CompleteOptions['stream'] {
  const { workers = cores } = stream;
  return withoutTrainersAdapter(
    { ...stream, ...(workers !== undefined && { workers }) },
    { trainer, device },
  );
}
