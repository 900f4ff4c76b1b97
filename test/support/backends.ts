import type { Backend } from '../../backends/backend.ts';
import { cpuBackend } from '../../backends/cpu/executor.ts';

/** Every backend that must equal the reference. */
export const backends: readonly Backend[] = [cpuBackend];
