import type { AdapterDescription } from '../../../backends/gpu/device/adapter.ts';

/** `--tfjs-backend` of the commands that run a model. */
export const tfjsBackendFlag = [
  '--tfjs-backend <name>',
  'backend of the tfjs trainer: wasm, webgpu (GPU), cpu (slow), or what @tensorflow/tfjs-node brings: node, node-gpu (default: webgpu where a GPU makes the batches, else wasm)',
] as const;

/**
 * The backend asked for; left out: webgpu where batches are made on `adapter`, unless that is a driver that computes on
 * the CPU, which wasm is faster than.
 */
export function tfjsBackendFor(
  asked: string | undefined,
  adapter: Pick<AdapterDescription, 'isSoftware'> | undefined,
): string {
  if (asked !== undefined) return asked;
  return adapter === undefined || adapter.isSoftware ? 'wasm' : 'webgpu';
}
