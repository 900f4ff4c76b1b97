import { readFile } from 'node:fs/promises';
import { DataError, reasonOf } from '../core/errors.ts';
import type { NamedTensor, TensorMap, TrainerState } from '../core/trainer.ts';
import { type WriteOptions, writeWhole } from '../core/write-whole.ts';
import { isOnnxPath } from './onnx-path.ts';
import { decodeSafetensors, encodeSafetensors, type WritableTensor } from './safetensors.ts';
import { isTorchFile } from './torch-file/read-torch-file.ts';

/** A trainer's state and what is to be known of it: the model's options, the classes, the epoch ... */
export interface Checkpoint {
  readonly state: TrainerState;
  readonly metadata: Readonly<Record<string, string>>;
}

type Prefixes = Readonly<Record<string, string>>;

/** Names of all but the weights, which have their own, begin with what they are. */
const knownPrefixes: Prefixes = {
  optimizer: 'optimizer.',
  average: 'ema.',
  gradients: 'gradient.',
  lossScale: 'loss_scale.',
  quant: 'quant.',
};
/** Metadata that name further parts, whose tensors' names begin with the part's: `ranges,hints`. Only where there are any. */
const furtherParts = 'parts';
/** Before the names of a model that PyTorch trained on several devices, or compiled. */
const wrappers = /^((module|_orig_mod)\.)+/;
/** PyTorch's count of a batch norm's batches: what nothing here, and nothing there, computes with. */
const counter = '.num_batches_tracked';

/** Writes a checkpoint as one safetensors file. Whoever reads the path finds the old file or the new, whole one. */
export async function saveCheckpoint(path: string, { state, metadata }: Checkpoint): Promise<void> {
  const { weights, ...others } = state;
  const further = Object.keys(others).filter((part) => others[part] && !Object.hasOwn(knownPrefixes, part));
  const named = Object.entries(prefixesWith(further)).flatMap(([part, prefix]) =>
    Object.entries(others[part] ?? {}).map(([name, tensor]) => [prefix + name, tensor]),
  );
  // counters first, since readers want 8-byte numbers at multiples of 8
  const tensors = { ...batchCounters(weights), ...weights, ...Object.fromEntries(named) };
  const said = further.length > 0 ? { ...metadata, [furtherParts]: further.join() } : metadata;
  await writeWhole(path, encodeSafetensors({ tensors, metadata: said }), checkpointOutput);
}

const prefixesWith = (further: readonly string[]): Prefixes => ({
  ...knownPrefixes,
  ...Object.fromEntries(further.map((part) => [part, `${part}.`])),
});

/** How errors tell of a checkpoint. The bytes are to reach the disk before the name does. */
export const checkpointOutput: WriteOptions = {
  what: 'the checkpoint',
  code: 'CHECKPOINT_UNWRITABLE',
  isDurable: true,
};

/** Reads a checkpoint of ours. Weights that others saved are readWeightsFile's. */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const file = await readCheckpointFile(path);
  if (isTorchFile(file))
    throw noCheckpoint(path, 'weights of PyTorch: millrace train --pretrained-from-file makes one of them');
  return decodeCheckpoint(file, path);
}

export async function readCheckpointFile(path: string): Promise<Uint8Array> {
  if (isOnnxPath(path)) throw noCheckpoint(path, 'an ONNX file, which only millrace classify runs');
  return readFile(path).catch((cause: unknown) => {
    const message = `${path}: the checkpoint cannot be read: ${reasonOf(cause)}`;
    throw new DataError('CHECKPOINT_UNREADABLE', message, { cause });
  });
}

const noCheckpoint = (path: string, what: string): DataError =>
  new DataError('NOT_A_CHECKPOINT', `${path}: not a checkpoint of millrace, but ${what}`);

/** The checkpoint in the bytes of a safetensors file; `path` names it in errors. */
export function decodeCheckpoint(file: Uint8Array, path: string): Checkpoint {
  const { tensors, metadata: read } = decodeSafetensors(file, path, (name) => !name.endsWith(counter));
  const { [furtherParts]: further, ...metadata } = read;
  const prefixes = Object.entries(prefixesWith(further?.split(',') ?? []));
  const weights: Record<string, NamedTensor> = {};
  const others: Record<string, Record<string, NamedTensor>> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const [part, prefix = ''] = prefixes.find(([, start]) => name.startsWith(start)) ?? [];
    if (part === undefined) {
      weights[withoutWrappers(name)] = tensor;
      continue;
    }
    others[part] ??= {};
    others[part][name.slice(prefix.length)] = tensor;
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

/** A tensor's name without what PyTorch puts before it. */
export const withoutWrappers = (name: string): string => name.replace(wrappers, '');
