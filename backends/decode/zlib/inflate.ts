import { readFileSync } from 'node:fs';

/** What may be read after the stream and written after the rows (inflate.as.ts). */
const BYTES_AFTER_STREAM = 24;
const BYTES_AFTER_TARGET = 32;
const PAGE_BYTES = 65_536;

interface Inflater {
  readonly memory: WebAssembly.Memory;
  /** The module's tables lie before. */
  readonly start: number;
  readonly inflate: (stream: number, streamBytes: number, target: number, targetBytes: number) => number;
}

let inflater: Inflater | undefined;

/** Memory outside the heap that this thread inflates in: room for the largest stream so far and what was in it. */
export const inflateScratchBytes = (): number => inflater?.memory.buffer.byteLength ?? 0;

/**
 * The `length` bytes that a zlib stream holds, valid until the next call; undefined where zlib would call it damaged, or
 * it holds another number of them. What follows the stream is left alone. Also undefined where a stream is so much
 * longer than what it holds that it must be padded.
 *
 * Node's own zlib would end the process where a thread is ended, by `terminate` or with the process, between the making
 * of zlib's state and its set-up, of which each synchronous call has one (test/workers/png-threads.test.ts). It takes 9 to
 * 10 us for 32 x 32 pixels, this 7 to 8 (an inflate in JavaScript, fflate, 28); for 500 x 375 this takes 0.94 to 1.07 of
 * its time.
 */
export function inflate(stream: Uint8Array, length: number): Buffer | undefined {
  inflater ??= openInflater();
  const { memory, start, inflate } = inflater;
  const streamBytes = Math.min(stream.length, mostStreamBytes(length));
  const target = start + Math.ceil((streamBytes + BYTES_AFTER_STREAM) / 16) * 16;
  const missing = target + length + BYTES_AFTER_TARGET - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  Buffer.from(memory.buffer, start, streamBytes).set(stream.subarray(0, streamBytes));
  if (inflate(start, streamBytes, target, length) === 0) return undefined;
  return Buffer.from(memory.buffer, target, length);
}

/** The longest code of a byte has 15 bits; a checksum and the codes of a small stream come on top. */
const mostStreamBytes = (length: number): number => 2 * length + 1000;

/** Synchronously, since a decoder must be: compiling takes half a millisecond. */
function openInflater(): Inflater {
  const module = new WebAssembly.Module(readFileSync(new URL('./inflate.wasm', import.meta.url)));
  const { exports } = new WebAssembly.Instance(module);
  const memory = exports['memory'] as WebAssembly.Memory;
  return { memory, start: memory.buffer.byteLength, inflate: exports['inflate'] as Inflater['inflate'] };
}
