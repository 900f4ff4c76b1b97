/** Metadata that carry an orientation, written by hand. */

/** An entry of a directory: tag, type, number of values, and the four bytes of the value or of its place. */
type Entry = readonly [tag: number, type: number, count: number, value: number];

/** EXIF data, which are a TIFF file of one directory, little-endian; it starts at `directory`. */
export function exifOf(entries: readonly Entry[], directory = 8): Buffer {
  const bytes = Buffer.alloc(directory + 2 + entries.length * 12 + 4);
  bytes.write('II*\0', 'latin1');
  bytes.writeUInt32LE(directory, 4);
  bytes.writeUInt16LE(entries.length, directory);
  for (const [i, [tag, type, count, value]] of entries.entries()) {
    const at = directory + 2 + i * 12;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(count, at + 4);
    bytes.writeUInt32LE(value, at + 8);
  }
  return bytes;
}

export const orientedExif = (orientation: number): Buffer => exifOf([[0x112, 3, 1, orientation]]);

export const orientedXmp = (orientation: number): Buffer =>
  Buffer.from(`<rdf:Description tiff:Orientation="${orientation}"/>`);
