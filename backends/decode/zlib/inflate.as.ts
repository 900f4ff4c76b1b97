import { adler32 } from './adler32.as';
import { fillHeld, isPastEnd, open, take, takeBytes } from './bits.as';
import { buildFixedTables, readTables } from './codes.as';
import { inflateSymbols } from './symbols.as';

/**
 * Inflates a zlib stream (RFC 1950 and 1951) of exactly `targetBytes`; what follows the stream is left alone. False
 * where it is damaged, as zlib judges it, or of another length; the target may hold anything then. After the stream 24
 * bytes must be there to be read, after the target 32 to be written.
 */
export function inflate(stream: usize, streamBytes: i32, target: usize, targetBytes: i32): bool {
  open(stream, streamBytes);
  if (!hasHeader()) return false;
  const end = target + targetBytes;
  let at = target;
  for (let isLast = false; !isLast; ) {
    fillHeld();
    isLast = take(1) == 1;
    at = inflateBlock(take(2), target, at, end);
    if (at == 0 || isPastEnd()) return false;
  }
  return at == end && hasChecksum(target, targetBytes);
}

/** Deflate with a window of at most 2 ** 15 bytes and no dictionary; as one number divisible by 31. */
function hasHeader(): bool {
  fillHeld();
  const header = (take(8) << 8) | take(8);
  return (header & 0x8f20) == 0x0800 && header % 31 == 0;
}

function hasChecksum(from: usize, bytes: u32): bool {
  const checksum = takeBytes(4);
  return checksum != 0 && bswap(load<u32>(checksum)) == adler32(from, bytes);
}

/** The end of what a block writes from `at` on; 0 where it is damaged. What is before `at` begins at `start`. */
function inflateBlock(type: u32, start: usize, at: usize, end: usize): usize {
  if (type == 0) return copyStored(at, end);
  if (type == 1) buildFixedTables();
  else if (type != 2 || !readTables()) return 0;
  return inflateSymbols(start, at, end);
}

function copyStored(at: usize, end: usize): usize {
  const header = takeBytes(4);
  if (header == 0) return 0;
  const length = <u32>load<u16>(header);
  if ((length ^ load<u16>(header, 2)) != 0xffff || length > <u32>(end - at)) return 0;
  const bytes = takeBytes(length);
  if (bytes == 0) return 0;
  memory.copy(at, bytes, length);
  return at + length;
}
