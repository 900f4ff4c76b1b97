import { DataError } from '../core/errors.ts';
import type { NamedTensor, TensorMap } from '../core/trainer.ts';
import { bytesPerNumber, widened } from './widen.ts';

/**
 * Named tensors and string metadata in Hugging Face's safetensors format: the length of a JSON header as a little-endian
 * u64, the header, then the tensors' bytes. https://github.com/huggingface/safetensors
 */
export interface Safetensors<Tensors = TensorMap> {
  readonly tensors: Tensors;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Written as F32, or as I64 (which some of PyTorch's tensors are). */
export interface WritableTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

const lengthBytes = 8;
/** The limit of the reference implementation. */
const headerLimit = 100_000_000;
const metadataKey = '__metadata__';
/** What tensors may be stored as. */
const readTypes = ['F32', 'F16', 'BF16'] as const;
type ReadType = (typeof readTypes)[number];

/** A tensor's place, in bytes after the header. */
interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

export function encodeSafetensors({
  tensors,
  metadata,
}: Safetensors<Readonly<Record<string, WritableTensor>>>): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header[metadataKey] = metadata;
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const dtype = data instanceof Float32Array ? 'F32' : 'I64';
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = alignedJson(header);
  const file = new Uint8Array(lengthBytes + json.length + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, lengthBytes);
  let position = lengthBytes + json.length;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return file;
}

/** The file's tensors in float32, copied; those that are not `wanted` are passed over. `path` names the file in errors. */
export function decodeSafetensors(
  file: Uint8Array,
  path: string,
  wanted: (name: string) => boolean = () => true,
): Safetensors {
  const fail = (reason: string, cause?: unknown): never => {
    throw new DataError('DAMAGED_SAFETENSORS', `${path}: not a readable safetensors file: ${reason}`, {
      cause,
    });
  };
  if (file.length < lengthBytes) fail(`expected at least ${lengthBytes} bytes, got ${file.length}`);
  const length = Number(new DataView(file.buffer, file.byteOffset, lengthBytes).getBigUint64(0, true));
  const start = lengthBytes + length;
  if (length > headerLimit || start > file.length) {
    fail(`a header of ${length} bytes was announced, the file has ${file.length}`);
  }
  const header = parseHeader(file.subarray(lengthBytes, start), fail);
  const { [metadataKey]: metadata = {}, ...entries } = header;
  const tensors: Record<string, NamedTensor> = {};
  const bytes = file.subarray(start);
  let read = 0;
  for (const [name, entry] of Object.entries(entries)) {
    if (!wanted(name)) continue;
    const tensor = readTensor(bytes, entry, (reason) => fail(`tensor ${name}: ${reason}`));
    read += entryBytes(entry as Entry);
    // else a small file could ask for any amount of memory
    if (read > bytes.length) fail(`tensor ${name}: has bytes that are another tensor's too`);
    tensors[name] = tensor;
  }
  return { tensors, metadata: checkMetadata(metadata, fail) };
}

/** JSON padded with spaces, so that the tensors begin at a multiple of 8 bytes. */
function alignedJson(header: Record<string, unknown>): Uint8Array {
  const json = JSON.stringify(header);
  const length = Buffer.byteLength(json);
  return Buffer.from(json + ' '.repeat((lengthBytes - (length % lengthBytes)) % lengthBytes));
}

function parseHeader(
  json: Uint8Array,
  fail: (reason: string, cause?: unknown) => never,
): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
    if (isRecord(header)) return header;
  } catch (cause) {
    return fail('its header is not JSON', cause);
  }
  return fail('its header is not a JSON object');
}

function readTensor(bytes: Uint8Array, entry: unknown, fail: (reason: string) => never): NamedTensor {
  if (!isEntry(entry)) return fail('expected dtype, shape and data_offsets');
  const { dtype, shape, data_offsets } = entry;
  if (!isRead(dtype)) return fail(`expected dtype F32, F16 or BF16, got ${dtype}`);
  const [begin, end] = data_offsets;
  const expected = bytesPerNumber[dtype] * shape.reduce((product, n) => product * n, 1);
  if (end - begin !== expected) fail(`shape [${shape}] takes ${expected} bytes, got ${end - begin}`);
  if (end > bytes.length) fail(`ends at byte ${end} of ${bytes.length}: the file is cut off`);
  return { shape, data: widened(dtype, bytes.subarray(begin, end)) };
}

const entryBytes = ({ data_offsets: [begin, end] }: Entry): number => end - begin;

function checkMetadata(metadata: unknown, fail: (reason: string) => never): Record<string, string> {
  const isText = isRecord(metadata) && Object.values(metadata).every((value) => typeof value === 'string');
  return isText ? (metadata as Record<string, string>) : fail(`${metadataKey} must map strings to strings`);
}

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value)) return false;
  const { dtype, shape, data_offsets: offsets } = value;
  const [begin, end] = Array.isArray(offsets) ? offsets : [];
  return (
    typeof dtype === 'string' && isSizes(shape) && isSizes(offsets) && offsets.length === 2 && begin <= end
  );
}

const isRead = (dtype: string): dtype is ReadType => (readTypes as readonly string[]).includes(dtype);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
