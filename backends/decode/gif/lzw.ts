const MOST_BITS = 12;

/** Every code stands for the string of another, then for a colour. */
interface Codes {
  readonly prefix: Uint16Array;
  readonly colour: Uint8Array;
  readonly length: Uint16Array;
}

/**
 * Fills `target` with the colours, of `bits` bits, that GIF's codes stand for. 'short' where the data end before,
 * 'damaged' where a code stands for nothing.
 */
export function expandLzw(data: Uint8Array, bits: number, target: Uint8Array): 'whole' | 'short' | 'damaged' {
  const clear = 1 << bits;
  const end = clear + 1;
  const codes = firstCodes(clear);
  const { prefix, colour, length } = codes;
  let next = end + 1;
  let codeBits = bits + 1;
  let previous = clear;
  let filled = 0;
  for (let at = 0, buffer = 0, buffered = 0; filled < target.length; ) {
    for (; buffered < codeBits; buffered += 8) {
      if (at === data.length) return 'short';
      buffer |= (data[at++] as number) << buffered;
    }
    const code = buffer & ((1 << codeBits) - 1);
    buffer >>>= codeBits;
    buffered -= codeBits;
    if (code === end) return 'short';
    if (code === clear) {
      next = end + 1;
      codeBits = bits + 1;
    } else if (previous === clear) {
      if (code > clear) return 'damaged';
      target[filled++] = code;
    } else {
      if (code > next) return 'damaged';
      // the code that is made now stands for the one before it, and for its first colour again
      const known = code === next ? previous : code;
      const first = writeString(codes, known, clear, target, filled);
      filled += length[known] as number;
      if (code === next && filled < target.length) target[filled++] = first;
      if (next < 1 << MOST_BITS) {
        prefix[next] = previous;
        colour[next] = first;
        length[next] = (length[previous] as number) + 1;
        next++;
        if (next === 1 << codeBits && codeBits < MOST_BITS) codeBits++;
      }
    }
    previous = code;
  }
  return 'whole';
}

function firstCodes(clear: number): Codes {
  const most = 1 << MOST_BITS;
  const codes = {
    prefix: new Uint16Array(most),
    colour: new Uint8Array(most),
    length: new Uint16Array(most),
  };
  for (let code = 0; code < clear; code++) codes.colour[code] = code;
  codes.length.fill(1, 0, clear);
  return codes;
}

/** Writes a code's string from its end; what does not fit is left out. Returns its first colour. */
function writeString(
  { prefix, colour, length }: Codes,
  code: number,
  clear: number,
  target: Uint8Array,
  start: number,
): number {
  let current = code;
  for (let to = start + (length[code] as number) - 1; current >= clear; to--) {
    target[to] = colour[current] as number;
    current = prefix[current] as number;
  }
  target[start] = current;
  return current;
}
