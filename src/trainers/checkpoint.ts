import { readFile } from 'node:fs/promises';
import { DataError, reasonOf } from '../core/errors.ts';
import type { NamedTensor, TensorMap, TrainerState } from '../core/trainer.ts';
import { type WriteOptions, writeWhole } from '../core/write-whole.ts';
import { decodeSafetensors, encodeSafetensors, type WritableTensor } from './safetensors.ts';

/** A trainer's state and what is to be known of it: the model's options, the classes, the epoch ... */
export interface Checkpoint {
  readonly state: TrainerState;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Names of all but the weights, which have their own, begin with what they are. */
const prefixes = { optimizer: 'optimizer.', average: 'ema.', gradients: 'gradient.' } as const;
const parts = Object.keys(prefixes) as (keyof typeof prefixes)[];
/** Before the names of a model that PyTorch trained on several devices. */
const parallelPrefix = 'module.';
/** PyTorch's count of a batch norm's batches: what nothing here, and nothing there, computes with. */
const counter = '.num_batches_tracked';

/** Writes a checkpoint as one safetensors file. Whoever reads the path finds the old file or the new, whole one. */
export async function saveCheckpoint(path: string, { state, metadata }: Checkpoint): Promise<void> {
  const others = parts.flatMap((part) =>
    Object.entries(state[part] ?? {}).map(([name, tensor]) => [prefixes[part] + name, tensor]),
  );
  // counters first, since readers want 8-byte numbers at multiples of 8
  const tensors = { ...batchCounters(state.weights), ...state.weights, ...Object.fromEntries(others) };
  await writeWhole(path, encodeSafetensors({ tensors, metadata }), checkpointOutput);
}

/** How errors tell of a checkpoint. The bytes are to reach the disk before the name does. */
export const checkpointOutput: WriteOptions = {
  what: 'the checkpoint',
  code: 'CHECKPOINT_UNWRITABLE',
  isDurable: true,
};

export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const file = await readFile(path).catch((cause: unknown) => {
    const message = `${path}: the checkpoint cannot be read: ${reasonOf(cause)}`;
    throw new DataError('CHECKPOINT_UNREADABLE', message, { cause });
  });
  const { tensors, metadata } = decodeSafetensors(file, path, (name) => !name.endsWith(counter));
  const weights: Record<string, NamedTensor> = {};
  const others: Partial<Record<(typeof parts)[number], Record<string, NamedTensor>>> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const part = parts.find((one) => name.startsWith(prefixes[one]));
    if (part === undefined) weights[withoutPrefix(name)] = tensor;
    else others[part] = { ...others[part], [name.slice(prefixes[part].length)]: tensor };
  }
  return { state: { optimizer: {}, ...others, weights }, metadata };
}

/** The counters that PyTorch's strict loading asks for, one a batch norm. */
function batchCounters(weights: TensorMap): Record<string, WritableTensor> {
  const means = Object.keys(weights).filter((name) => name.endsWith('.running_mean'));
  const entries = means.map((name) => [
    name.replace(/\.running_mean$/, counter),
    { shape: [], data: new BigInt64Array(1) },
  ]);
  return Object.fromEntries(entries);
}

const withoutPrefix = (name: string): string =>
  name.startsWith(parallelPrefix) ? name.slice(parallelPrefix.length) : name;
