/** Snappy's encoders look for repetitions within pieces of so many bytes: each can be unpacked without those before it. */
export const FRAGMENT_BYTES = 1 << 16;

const fragmentOf = (at: number): number => at >>> 16;

/** What is shorter is copied byte by byte: a call costs more. */
const SHORT_LITERAL = 40;

/**
 * Unpacks Snappy's elements in `packed` from `from` to `to`, until `out` has `wanted` bytes or more. Returns where each
 * fragment starts in `packed`, then where the last one ends; undefined where an element reaches over a fragment's start.
 */
export function unpackElements(
  packed: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  wanted: number,
): number[] | undefined {
  const starts = [from];
  let isSeekable = true;
  let [source, target] = [from, 0];
  while (source < to && target < wanted) {
    const tag = packed[source++] as number;
    const first = target;
    if ((tag & 3) === 0) {
      let length = (tag >>> 2) + 1;
      if (length > 60) {
        const lengthBytes = length - 60;
        length = littleEndian(packed, source, lengthBytes, to) + 1;
        source += lengthBytes;
      }
      const [end, sourceEnd] = [target + length, source + length];
      if (sourceEnd > to || end > out.length) throw new Error('a literal is longer than what there is');
      if (length < SHORT_LITERAL) while (target < end) out[target++] = packed[source++] as number;
      else out.set(packed.subarray(source, sourceEnd), target);
      [source, target] = [sourceEnd, end];
    } else {
      const offsetBytes = (tag & 3) === 3 ? 4 : tag & 3;
      const low = littleEndian(packed, source, offsetBytes, to);
      source += offsetBytes;
      const isShort = offsetBytes === 1;
      const back = isShort ? ((tag >>> 5) << 8) | low : low;
      const end = target + (isShort ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1);
      if (back === 0 || back > target || end > out.length) throw new Error('a copy reaches out of the data');
      if (back > target % FRAGMENT_BYTES) isSeekable = false;
      // byte by byte: a copy may repeat what it has just written
      for (let read = target - back; target < end; ) out[target++] = out[read++] as number;
    }
    if (fragmentOf(first) !== fragmentOf(target - 1)) isSeekable = false;
    if (target % FRAGMENT_BYTES === 0) starts.push(source);
  }
  if (target < wanted) throw new Error(`unpacks to ${target} bytes, expected ${wanted}`);
  if (target % FRAGMENT_BYTES !== 0) starts.push(source);
  return isSeekable ? starts : undefined;
}

/** Where the elements begin, behind the length that they unpack to; refuses another length. */
export function elementsStart(packed: Uint8Array, size: number): number {
  let [length, at] = [0, 0];
  for (let scale = 1; ; scale *= 128) {
    const byte = packed[at++];
    if (byte === undefined || at > 5) throw new Error('its length cannot be read');
    length += (byte & 127) * scale;
    if (byte < 128) break;
  }
  if (length === size) return at;
  throw new Error(`says that it unpacks to ${length} bytes, expected ${size}`);
}

/** A whole block, its length first; returns what `unpackElements` does. */
export function unpackBlock(packed: Uint8Array, out: Uint8Array): number[] | undefined {
  const starts = unpackElements(packed, elementsStart(packed, out.length), packed.length, out, out.length);
  return starts?.at(-1) === packed.length || starts === undefined ? starts : refuse();
}

function refuse(): never {
  throw new Error('bytes follow after its end');
}

function littleEndian(bytes: Uint8Array, at: number, count: number, end: number): number {
  if (at + count > end) throw new Error('ends within an element');
  let value = bytes[at] as number;
  for (let i = 1; i < count; i++) value += (bytes[at + i] as number) * 2 ** (8 * i);
  return value;
}
