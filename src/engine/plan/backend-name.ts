import { ParameterError } from '../../core/errors.ts';

/** Backends that run a sample's program on one thread. */
export type ThreadBackend = 'cpu' | 'reference';
/** Backends that run a single program. */
export type ExecutorBackend = ThreadBackend | 'gpu';

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
