import { MOST_BYTES } from '../../../../backends/cpu/tensors/shared-memory.ts';
import type { ProgramMemory } from '../../../graph/plan/memory-use.ts';

/** For the calls' words, scratch memory, and what other programs have beside their activations. */
const RESERVED_BYTES = 64 * 2 ** 20;

export const fitsCpu = ({ total }: ProgramMemory): boolean => total + RESERVED_BYTES <= MOST_BYTES;
