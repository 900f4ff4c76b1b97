/** A flag of `av1C`'s third byte, and one of `nclx`'s eighth. */
const MONOCHROME = 0x10;
const FULL_RANGE = 0x80;

/** The level of each sample where 16 is black and 235 white, as libavif rounds it. */
const levels = Uint8ClampedArray.from({ length: 256 }, (_, sample) =>
  Math.round(((sample - 16) * 255) / 219),
);

/** Spreads an AVIF's gray of limited range over 0..255, which libheif does of colours alone. */
export function spreadLimitedGray(bytes: Buffer, pixels: Buffer): void {
  if (!isLimitedGray(bytes)) return;
  for (let i = 0; i < pixels.length; i++) pixels[i] = levels[pixels[i] as number] as number;
}

/** Whether no image of the file has colours, and its range is said to be limited. */
function isLimitedGray(bytes: Buffer): boolean {
  const type = bytes.indexOf('meta', 0, 'latin1');
  if (type < 4) return false;
  const meta = bytes.subarray(type, type - 4 + bytes.readUInt32BE(type - 4));
  const range = meta.indexOf('colrnclx', 0, 'latin1');
  if (range < 0 || (meta[range + 14] ?? FULL_RANGE) & FULL_RANGE) return false;
  for (let at = meta.indexOf('av1C', 0, 'latin1'); at >= 0; at = meta.indexOf('av1C', at + 4, 'latin1'))
    if (!((meta[at + 6] ?? 0) & MONOCHROME)) return false;
  return true;
}
