/** Headers stand at multiples of this, and data is padded to one. */
export const BLOCK_BYTES = 512;

/** What the 512 bytes before a member say. */
export interface TarHeader {
  readonly name: string;
  readonly size: number;
  /** '0' for a file, '5' for a folder, 'x' and 'L' for what describes the next header, ... */
  readonly type: string;
}

/** Reads a header of any tar since 1979 (v7, ustar, GNU, pax); undefined where its checksum or numbers are wrong. */
export function parseTarHeader(block: Buffer): TarHeader | undefined {
  const size = parseNumber(block, 124, 136);
  if (size === undefined || parseNumber(block, 148, 156) !== checksum(block)) return undefined;
  const name = parseText(block, 0, 100);
  // GNU's magic is 'ustar ': it keeps times where ustar keeps the start of a long path
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? parseText(block, 345, 500) : '';
  const path = prefix === '' ? name : `${prefix}/${name}`;
  return { name: path, size, type: typeOf(block, name) };
}

/** Before ustar a file had the type NUL, and so had a folder: its name ended in a slash. */
function typeOf(block: Buffer, name: string): string {
  const type = String.fromCharCode(block[156] as number);
  if (type !== '\0' && type !== '0') return type;
  return name.endsWith('/') ? '5' : '0';
}

function parseText(block: Buffer, start: number, end: number): string {
  const nul = block.indexOf(0, start);
  return block.toString('utf8', start, nul === -1 ? end : Math.min(nul, end));
}

/** Octal digits; or, with the first bit set, a big-endian integer (GNU's base-256, for 8 GiB and more). */
function parseNumber(block: Buffer, start: number, end: number): number | undefined {
  const first = block[start] as number;
  if (first < 0x80) {
    const digits = parseText(block, start, end).trim();
    return /^[0-7]*$/.test(digits) ? Number.parseInt(`0${digits}`, 8) : undefined;
  }
  let value = first & 0x7f;
  for (let i = start + 1; i < end; i++) value = value * 256 + (block[i] as number);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Sum of the header's bytes, those of the checksum itself taken as spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 32;
  for (let i = 0; i < BLOCK_BYTES; i++) sum += block[i] as number;
  for (let i = 148; i < 156; i++) sum -= block[i] as number;
  return sum;
}
