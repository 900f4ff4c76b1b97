import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Padding, Variant } from '../../src/models/scaling.ts';
import { encodeSafetensors, type WritableTensor } from '../../src/trainers/safetensors.ts';
import { folderOf } from './folders.ts';
import { formulaTensor } from './formula.ts';

/** A model of another library, as test/golden/make_foreign_golden.py wrote it down. */
export interface ForeignCase {
  readonly name: string;
  readonly family: string;
  readonly variant: Variant;
  readonly epsilon: number;
  readonly padding: Padding;
  readonly size: number;
  readonly rows: number;
  /** Of its state_dict, in its order. */
  readonly tensors: readonly (readonly [name: string, shape: readonly number[]])[];
  readonly logits: readonly number[];
}

export const foreignCases: readonly ForeignCase[] = JSON.parse(
  gunzipSync(readFileSync('test/golden/foreign.json.gz')).toString(),
);

export function foreignCase(name: string): ForeignCase {
  const found = foreignCases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
}

/** The tensors that PyTorch's model had, by the formula, as safetensors of a state_dict hold them. */
export function foreignTensors({ tensors }: ForeignCase): Record<string, WritableTensor> {
  const entries = tensors.map(([name, shape]) => [
    name,
    name.endsWith('num_batches_tracked') ? { shape, data: new BigInt64Array(1) } : formulaTensor(name, shape),
  ]);
  // numbers of 8 bytes first, since readers want them at multiples of 8
  return Object.fromEntries(entries.sort(([, a], [, b]) => width(b) - width(a)));
}

const width = (tensor: unknown): number => (tensor as WritableTensor).data.BYTES_PER_ELEMENT;

/** Writes them as a file of a folder of its own, with a config.json where there is one. */
export function foreignFile(tensors: Record<string, WritableTensor>, config?: object): string {
  const file = encodeSafetensors({ tensors, metadata: { format: 'pt' } });
  const folder = folderOf({ 'model.safetensors': Buffer.from(file) });
  if (config !== undefined) writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return join(folder, 'model.safetensors');
}
