import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { DataError } from '../core/errors.ts';
import type { NamedTensor, TensorMap, TrainerState } from '../core/trainer.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

/** A trainer's state and what is to be known of it. */
export interface Checkpoint {
  readonly state: TrainerState;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Before the names of the optimiser's tensors; weights stand under their own. */
const OPTIMIZER = 'optimizer.';

/** Writes a checkpoint as a safetensors file. The file is whole or not there, whenever the process ends. */
export async function saveCheckpoint(path: string, { state, metadata }: Checkpoint): Promise<void> {
  const optimizer = renamed(state.optimizer, (name) => OPTIMIZER + name);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, writeSafetensors({ tensors: { ...state.weights, ...optimizer }, metadata }));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'no such file' : cause.message;
    throw new DataError('MISSING_CHECKPOINT', `${path}: ${reason}`, { cause });
  });
  const { tensors, metadata } = readSafetensors(bytes, path);
  const isOptimizer = ([name]: [string, NamedTensor]) => name.startsWith(OPTIMIZER);
  const entries = Object.entries(tensors);
  const weights = Object.fromEntries(entries.filter((entry) => !isOptimizer(entry)));
  const optimizer = Object.fromEntries(entries.filter(isOptimizer));
  return {
    state: { weights, optimizer: renamed(optimizer, (name) => name.slice(OPTIMIZER.length)) },
    metadata,
  };
}

function renamed(tensors: TensorMap, rename: (name: string) => string): TensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));
}
