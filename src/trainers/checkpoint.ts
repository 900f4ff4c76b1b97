import { open, readFile, rename, rm } from 'node:fs/promises';
import { DataError } from '../core/errors.ts';
import type { NamedTensor, TensorMap, TrainerState } from '../core/trainer.ts';
import { decodeSafetensors, encodeSafetensors, type WritableTensor } from './safetensors.ts';

/** A trainer's state and what is to be known of it: the model's options, the classes, the epoch ... */
export interface Checkpoint {
  readonly state: TrainerState;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Names of the optimiser's tensors begin with this; all other tensors are weights, under their own names. */
const optimizerPrefix = 'optimizer.';
/** Before the names of a model that PyTorch trained on several devices. */
const parallelPrefix = 'module.';
/** PyTorch's count of a batch norm's batches: what nothing here, and nothing there, computes with. */
const counter = '.num_batches_tracked';

/** Writes a checkpoint as one safetensors file. Whoever reads the path finds the old file or the new, whole one. */
export async function saveCheckpoint(path: string, { state, metadata }: Checkpoint): Promise<void> {
  const optimizer = Object.entries(state.optimizer).map(([name, tensor]) => [optimizerPrefix + name, tensor]);
  // first, since readers want 8-byte numbers at multiples of 8
  const tensors = { ...batchCounters(state.weights), ...state.weights, ...Object.fromEntries(optimizer) };
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(encodeSafetensors({ tensors, metadata }));
      // the bytes reach the disk before the name does
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new DataError(
      'CHECKPOINT_UNWRITABLE',
      `${path}: the checkpoint cannot be written: ${reasonOf(cause)}`,
      {
        cause,
      },
    );
  }
}

export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const file = await readFile(path).catch((cause: unknown) => {
    const message = `${path}: the checkpoint cannot be read: ${reasonOf(cause)}`;
    throw new DataError('CHECKPOINT_UNREADABLE', message, { cause });
  });
  const { tensors, metadata } = decodeSafetensors(file, path, (name) => !name.endsWith(counter));
  const weights: Record<string, NamedTensor> = {};
  const optimizer: Record<string, NamedTensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name.startsWith(optimizerPrefix)) optimizer[name.slice(optimizerPrefix.length)] = tensor;
    else weights[withoutPrefix(name)] = tensor;
  }
  return { state: { weights, optimizer }, metadata };
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

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
