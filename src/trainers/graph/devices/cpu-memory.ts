import { MOST_BYTES } from '../../../../backends/cpu/tensors/shared-memory.ts';
import type { ProgramMemory } from '../../../graph/plan/memory-use.ts';

/** For the calls' words, scratch memory, and the inputs of other batches: 256 images of 224 x 224 take 147 MiB. */
const RESERVED_BYTES = 256 * 2 ** 20;

export const fitsCpu = ({ total }: ProgramMemory): boolean => total + RESERVED_BYTES <= MOST_BYTES;
