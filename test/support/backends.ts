import type { Backend } from '../../backends/backend.ts';
import { cpuBackend } from '../../backends/cpu/executor.ts';
import { gpuBackend } from '../../backends/gpu/executor.ts';
import { isWithoutGpu } from './gpu.ts';

/** Every backend that must equal the reference; tests of the gpu are reported as skipped where there is no adapter. */
export const backends: readonly Backend[] = [cpuBackend, gpuBackend];

export const isLeftOut = ({ name }: Backend): boolean => name === 'gpu' && isWithoutGpu;
