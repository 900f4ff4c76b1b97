import { MOST_BYTES } from '../../../../backends/cpu/tensors/shared-memory.ts';
import { cpuTraits, type DeviceTraits } from '../../../graph/plan/device-traits.ts';
import type { ProgramMemory } from '../../../graph/plan/memory-use.ts';

/** For the calls' words, scratch memory, and what other programs have beside their activations. */
const RESERVED_BYTES = 64 * 2 ** 20;

/** What plans of the CPU have to know: the first are best, the second take less memory and more time. */
export const cpuPlans: readonly [DeviceTraits, DeviceTraits] = [
  cpuTraits,
  { ...cpuTraits, storesActivations: false },
];

export const fitsCpu = ({ total }: ProgramMemory): boolean => total + RESERVED_BYTES <= MOST_BYTES;
