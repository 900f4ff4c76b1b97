/** The next byte that is not among the held bits, and the end of the stream. */
let source: usize = 0;
let end: usize = 0;
/** Bits of the stream, the first one lowest. Above `heldBits` there may be some that are read again. */
let held: u64 = 0;
let heldBits: u32 = 0;

export function nextByte(): usize {
  return source;
}
export function heldValue(): u64 {
  return held;
}
export function heldCount(): u32 {
  return heldBits;
}
/** To decode symbols further bytes may be read from before here: beyond, the stream has been left. */
export function sourceLimit(): usize {
  return end + 8;
}

/** Reads `bytes` from `stream`, after which 24 more must be there to be read. */
export function open(stream: usize, bytes: i32): void {
  end = stream + bytes;
  goOn(stream, 0, 0);
}

/** Where another loop has read on. */
export function goOn(from: usize, bits: u64, count: u32): void {
  source = from;
  held = bits;
  heldBits = count;
}

/** Holds at least 56 bits. Past the end it goes no further than the bytes that may be read there. */
export function fillHeld(): void {
  held |= load<u64>(source) << heldBits;
  source = min(source + ((63 - heldBits) >> 3), sourceLimit());
  heldBits |= 56;
}

/** Of the held bits, at most 16. */
export function take(count: u32): u32 {
  const value = <u32>held & ((1 << count) - 1);
  held >>= count;
  heldBits -= count;
  return value;
}

/** Whether bits were taken that are not the stream's. */
export function isPastEnd(): bool {
  return source - (heldBits >> 3) > end;
}

/** The next `bytes` from the beginning of a byte on, dropping the bits before; 0 where the stream has fewer. */
export function takeBytes(bytes: u32): usize {
  const at = source - (heldBits >> 3);
  if (at + bytes > end) return 0;
  goOn(at + bytes, 0, 0);
  return at;
}
