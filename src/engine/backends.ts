import type { Backend, Executor } from '../../backends/backend.ts';
import { ParameterError } from '../core/errors.ts';

/** Backends that run a sample's program on one thread. */
export type ThreadBackend = 'cpu' | 'reference';
/** Backends that run a single program. */
export type ExecutorBackend = ThreadBackend | 'gpu';

const loaders: Record<ThreadBackend, () => Promise<Backend>> = {
  cpu: async () => (await import('../../backends/cpu/executor.ts')).cpuBackend,
  reference: async () => (await import('../../backends/reference/executor.ts')).referenceBackend,
};

/** What `backend` and `--data-backend` accept. NVIDIA's names are accepted as well. */
export type BackendName = ExecutorBackend | 'synthetic';
const backendNames: readonly BackendName[] = ['cpu', 'reference', 'synthetic', 'gpu'];
const aliases: ReadonlyMap<string, BackendName> = new Map([
  ['pytorch', 'cpu'],
  ['dali-cpu', 'cpu'],
  ['dali-gpu', 'gpu'],
]);

export function resolveBackendName(name: string): BackendName {
  const known = aliases.get(name) ?? backendNames.find((backend) => backend === name);
  if (known !== undefined) return known;
  const choices = [...backendNames, ...aliases.keys()].join(', ');
  throw new ParameterError('UNKNOWN_BACKEND', `data backend must be one of ${choices}, got '${name}'`);
}

/** @param gpuAdapter with gpu: its place in the list of adapters, or a part of its name; left out: the fastest */
export async function openExecutor(name: ExecutorBackend, gpuAdapter?: string): Promise<Executor> {
  if (name !== 'gpu') return (await loaders[name]()).open();
  const { openGpuExecutor } = await import('../../backends/gpu/executor.ts');
  return openGpuExecutor(gpuAdapter);
}
