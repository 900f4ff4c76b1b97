import { DataError, reworded } from '../../core/errors.ts';
import type { NamedTensor, TensorMap } from '../../core/trainer.ts';
import { damaged } from './damaged.ts';
import { findStateDicts, type StateDict } from './state-dicts.ts';
import { checkStored, readTensor, type TensorPlan } from './tensor-plan.ts';
import { unpickle } from './unpickle.ts';
import { readZip } from './zip.ts';

/** Weights that torch.save wrote, in float32. */
export interface TorchFile {
  readonly weights: TensorMap;
  /** Their moving average, where the file has one beside them. */
  readonly average: TensorMap | undefined;
  /** Where in the file they are, such as `state_dict`; undefined where they are all of it. */
  readonly place: string | undefined;
}

/** Reads tensors without running anything of the file. `path` names it in errors. */
export function readTorchFile(file: Uint8Array, path: string): TorchFile {
  try {
    const { root, entries, program } = openZip(file);
    const { weights, average, place } = findStateDicts(unpickle(program));
    const read = (tensors: StateDict): TensorMap => readAll(tensors, root, entries, file.length);
    return { weights: read(weights), average: average && read(average), place };
  } catch (error) {
    throw error instanceof DataError ? reworded(error, `${path}: ${error.message}`) : error;
  }
}

/** Whether a file is a zip, as torch.save writes since PyTorch 1.6. */
export const isTorchFile = (file: Uint8Array): boolean => startsWith(file, [0x50, 0x4b, 0x03, 0x04]);

/** Refuses what earlier versions wrote: pickles that refer to bytes after them. */
export function refuseLegacy(file: Uint8Array, path: string): void {
  const isPickle = file[0] === PICKLE && (file[1] ?? 0) >= 2 && (file[1] ?? 0) <= LAST_PROTOCOL;
  // safetensors: after eight bytes of a length, a brace
  if (!isPickle || file[8] === BRACE) return;
  const load = `torch.load(${JSON.stringify(path)}, map_location="cpu")`;
  const line = `import torch; torch.save(${load}, "weights.pth")`;
  throw new DataError(
    'LEGACY_TORCH_FILE',
    `${path}: a file from before PyTorch 1.6: convert it in Python: ${line}`,
  );
}

const PICKLE = 0x80;
const LAST_PROTOCOL = 5;
const BRACE = 0x7b;
const programName = 'data.pkl';

function openZip(file: Uint8Array) {
  const entries = readZip(file);
  const name = [...entries.keys()].find((one) => one === programName || one.endsWith(`/${programName}`));
  if (name === undefined) throw damaged(`a zip without ${programName}`);
  const root = name.slice(0, -programName.length);
  const order = Buffer.from(entries.get(`${root}byteorder`) ?? []).toString();
  if (order !== '' && order !== 'little') throw damaged(`expected little-endian numbers, got ${order}`);
  return { root, entries, program: entries.get(name) as Uint8Array };
}

/** Integers, such as a batch norm's count of batches, are passed over. */
function readAll(
  tensors: StateDict,
  root: string,
  entries: ReadonlyMap<string, Uint8Array>,
  fileBytes: number,
): TensorMap {
  const plans = [...tensors].filter(([, { storage }]) => storage.type.numbers !== undefined);
  const found = plans.map(([name, plan]) => {
    const stored = entries.get(`${root}data/${plan.storage.key}`);
    if (stored === undefined) throw damaged(`${name}: its data are not there`);
    checkStored(name, plan, stored);
    return { name, plan, stored };
  });
  checkSharing(plans, fileBytes);
  return Object.fromEntries(
    found.map(({ name, plan, stored }): [string, NamedTensor] => [name, readTensor(plan, stored)]),
  );
}

/** Tensors may share their numbers; a small file that asks for much work by it is no model. */
function checkSharing(plans: readonly (readonly [string, TensorPlan])[], fileBytes: number): void {
  const numbers = plans.reduce((sum, [, { span }]) => sum + span, 0);
  if (!(numbers <= fileBytes)) throw damaged(`tensors of ${numbers} numbers in a file of ${fileBytes} bytes`);
}

const startsWith = (file: Uint8Array, bytes: readonly number[]): boolean =>
  bytes.every((byte, i) => file[i] === byte);
