import { DataError } from '../core/errors.ts';
import type { NamedTensor, TensorMap } from '../core/trainer.ts';

/**
 * The safetensors format (https://github.com/huggingface/safetensors), F32 tensors: 8 bytes little-endian length of the
 * header, the header as JSON, then the tensors' bytes. `__metadata__` maps strings to strings.
 */
export interface SafetensorsFile {
  readonly tensors: TensorMap;
  readonly metadata: Readonly<Record<string, string>>;
}

interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const LENGTH_BYTES = 8;

export function writeSafetensors({ tensors, metadata }: SafetensorsFile): Buffer {
  const header: Record<string, TensorEntry | Readonly<Record<string, string>>> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = JSON.stringify(header);
  // padded with spaces so that the tensors begin on a multiple of 8, as the format asks
  const headerBytes = Buffer.from(json.padEnd(json.length + (-Buffer.byteLength(json) & 7)));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(headerBytes.length));
  const parts = Object.values(tensors).map(({ data }) =>
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  );
  return Buffer.concat([length, headerBytes, ...parts]);
}

/** @param path names the file in errors */
export function readSafetensors(bytes: Buffer, path: string): SafetensorsFile {
  const damaged = (reason: string, cause?: unknown) =>
    new DataError('DAMAGED_SAFETENSORS', `${path}: not a whole safetensors file: ${reason}`, { cause });
  if (bytes.length < LENGTH_BYTES) throw damaged(`${bytes.length} bytes are too few`);
  const length = bytes.readBigUInt64LE();
  const start = LENGTH_BYTES + Number(length);
  if (start > bytes.length)
    throw damaged(`the header is said to take ${length} bytes, the file has ${bytes.length}`);
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, start));
  } catch (cause) {
    throw damaged('the header is not JSON', cause);
  }
  const { __metadata__: metadata = {}, ...entries } = header;
  const body = bytes.subarray(start);
  const tensors: Record<string, NamedTensor> = {};
  for (const [name, entry] of Object.entries(entries)) {
    const tensor = readTensor(entry as TensorEntry, body);
    if (typeof tensor === 'string') throw damaged(`tensor ${name}: ${tensor}`);
    tensors[name] = tensor;
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

/** The tensor, or what is wrong with it. */
function readTensor(
  { dtype, shape, data_offsets: offsets }: Partial<TensorEntry>,
  body: Buffer,
): NamedTensor | string {
  if (dtype !== 'F32') return `dtype must be F32, got ${dtype}`;
  if (!Array.isArray(shape) || !Array.isArray(offsets)) return 'has no shape or no data_offsets';
  const [begin, end] = offsets as [number, number];
  const size = shape.reduce((product: number, side: number) => product * side, 1);
  if (end - begin !== size * 4) return `shape [${shape}] needs ${size * 4} bytes, got ${end - begin}`;
  if (!(begin >= 0 && end <= body.length))
    return `bytes ${begin}..${end} of ${body.length}: the file is cut short`;
  // a copy: the tensor need not lie on a multiple of 4 in the file
  const data = new Float32Array(size);
  new Uint8Array(data.buffer).set(body.subarray(begin, end));
  return { shape, data };
}
