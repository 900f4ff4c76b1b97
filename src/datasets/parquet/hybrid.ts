/**
 * Parquet's hybrid of run lengths and packed bits, in `bytes` from `start` on: `count` values of `width` bits. Returns
 * fewer where the bytes end before them.
 */
export function unpackHybrid(bytes: Uint8Array, start: number, width: number, count: number): Uint32Array {
  const values = new Uint32Array(count);
  let [at, filled] = [start, 0];
  while (filled < count) {
    let header = 0;
    for (let scale = 1, byte = 128; byte >= 128; scale *= 128) {
      byte = bytes[at++] ?? 256;
      if (byte === 256 || scale > 2 ** 28) return values.subarray(0, filled);
      header += (byte & 127) * scale;
    }
    const isPacked = header % 2 === 1;
    const length = Math.min(Math.floor(header / 2) * (isPacked ? 8 : 1), count - filled);
    const byteLength = isPacked ? Math.floor(header / 2) * width : Math.ceil(width / 8);
    const available = Math.min(byteLength, bytes.length - at);
    if (isPacked) {
      const whole = width === 0 ? length : Math.min(length, Math.floor((available * 8) / width));
      for (let i = 0; i < whole; i++) values[filled + i] = bitsAt(bytes, at, i * width, width);
      if (whole < length) return values.subarray(0, filled + whole);
    } else {
      if (available < byteLength) return values.subarray(0, filled);
      values.fill(bitsAt(bytes, at, 0, byteLength * 8), filled, filled + length);
    }
    filled += length;
    at += byteLength;
  }
  return values;
}

/** `width` bits, 32 at most, that begin `bit` bits behind the byte `at`; low bits come first. */
function bitsAt(bytes: Uint8Array, at: number, bit: number, width: number): number {
  let value = 0;
  const first = at + Math.floor(bit / 8);
  const shift = bit % 8;
  for (let i = 0; i * 8 < width + shift; i++) value += (bytes[first + i] as number) * 2 ** (8 * i);
  return Math.floor(value / 2 ** shift) % 2 ** width;
}
