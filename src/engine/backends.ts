import type { Backend, Executor } from '../../backends/backend.ts';
import { BackendError, ParameterError } from '../core/errors.ts';

/** Backends that run a sample's program on one thread. */
export type ThreadBackend = 'cpu' | 'reference';

const loaders: Record<ThreadBackend, () => Promise<Backend>> = {
  cpu: async () => (await import('../../backends/cpu/executor.ts')).cpuBackend,
  reference: async () => (await import('../../backends/reference/executor.ts')).referenceBackend,
};

/** What `backend` and `--data-backend` accept. NVIDIA's names for the first two are accepted as well. */
export type BackendName = ThreadBackend | 'synthetic' | 'gpu';
const backendNames: readonly BackendName[] = ['cpu', 'reference', 'synthetic', 'gpu'];
const aliases: ReadonlyMap<string, BackendName> = new Map([
  ['dali-cpu', 'cpu'],
  ['dali-gpu', 'gpu'],
]);

export function resolveBackendName(name: string): Exclude<BackendName, 'gpu'> {
  const known = aliases.get(name) ?? backendNames.find((backend) => backend === name);
  if (known === undefined) {
    const choices = [...backendNames, ...aliases.keys()].join(', ');
    throw new ParameterError('UNKNOWN_BACKEND', `data backend must be one of ${choices}, got '${name}'`);
  }
  if (known === 'gpu')
    throw new BackendError('BACKEND_NOT_BUILT', "the data backend 'gpu' is not built yet; use 'cpu'");
  return known;
}

export async function openExecutor(name: ThreadBackend): Promise<Executor> {
  return (await loaders[name]()).open();
}
