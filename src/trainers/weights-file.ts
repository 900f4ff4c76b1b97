import type { TensorMap } from '../core/trainer.ts';
import { decodeCheckpoint, readCheckpointFile, withoutWrappers } from './checkpoint.ts';
import { isTorchFile, readTorchFile, refuseLegacy } from './torch-file/read-torch-file.ts';

/** Weights of a file, under the names that it has. */
export interface WeightsFile {
  readonly weights: TensorMap;
  /** Their moving average, where the file has one. */
  readonly average?: TensorMap | undefined;
  /** Ranges of int8, where they are quantised. */
  readonly quant?: TensorMap | undefined;
  /** What a checkpoint of ours says of itself; empty for others' files. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What people should know of what was taken: lines. */
  readonly said: readonly string[];
}

/** Reads weights from safetensors, ours or others', or from a file of torch.save. */
export async function readWeightsFile(path: string): Promise<WeightsFile> {
  const file = await readCheckpointFile(path);
  if (isTorchFile(file)) return ofTorch(file, path);
  refuseLegacy(file, path);
  const { state, metadata } = decodeCheckpoint(file, path);
  const { weights, average, quant } = state;
  return withoutRanges({ weights, average, quant, metadata, said: [] }, path);
}

function ofTorch(file: Uint8Array, path: string): WeightsFile {
  const { weights, average, place } = readTorchFile(file, path);
  const said = place === undefined ? [] : [`${path}: its weights are those under ${place}`];
  const plain = { weights: unwrapped(weights), average: average && unwrapped(average) };
  return withoutRanges({ ...plain, metadata: {}, said }, path);
}

const unwrapped = (tensors: TensorMap): TensorMap =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [withoutWrappers(name), tensor]));

/** Ranges that NVIDIA's quantised models keep beside their weights: `stem.conv._input_quantizer._amax`. */
const isRange = (name: string): boolean => /\._\w+_quantizer\._amax$/.test(name);

function withoutRanges({ weights, average, ...file }: WeightsFile, path: string): WeightsFile {
  const count = Object.keys(weights).filter(isRange).length;
  if (count === 0) return { weights, average, ...file };
  const line = `${path}: ${count} ranges of quantisers are passed over, such as ${Object.keys(weights).find(isRange)}`;
  return {
    weights: withoutThem(weights),
    average: average && withoutThem(average),
    ...file,
    said: [...file.said, line],
  };
}

const withoutThem = (tensors: TensorMap): TensorMap =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => !isRange(name)));
