import { createHash } from 'node:crypto';
import type { TensorMap, Trainer, TrainerState } from '../core/trainer.ts';

/**
 * Names all that a training's next steps depend on, weights, optimizer and average included, by SHA-256 in hex over the tensors'
 * names, shapes and bytes. Trainings with equal digests are equal to the last bit.
 */
export function stateDigest(state: TrainerState): string {
  const hash = createHash('sha256');
  for (const [part, tensors] of byName<TensorMap | undefined>(state))
    for (const [name, { shape, data }] of byName(tensors ?? {})) {
      hash.update(`${JSON.stringify([part, name, shape])}\n`);
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  return hash.digest('hex');
}

/** Undefined where a trainer has no weights. */
export async function weightsDigest(trainer: Pick<Trainer, 'state'>): Promise<string | undefined> {
  const state = await trainer.state();
  return Object.keys(state.weights).length === 0 ? undefined : stateDigest(state);
}

/** Not by locale: the same order everywhere. */
const byName = <Value>(map: Readonly<Record<string, Value>>): [string, Value][] =>
  Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
