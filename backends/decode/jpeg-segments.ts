/** Second bytes of markers: ITU-T T.81, table B.1. */
export const marker = {
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  /** SOF0, the first of sixteen. */
  baselineFrame: 0xc0,
  huffmanTables: 0xc4,
  restart: 0xd0,
  startOfScan: 0xda,
  quantisationTables: 0xdb,
  numberOfLines: 0xdc,
  restartInterval: 0xdd,
  /** APP0: JFIF. APP1: EXIF. APP14: Adobe. */
  app0: 0xe0,
  app1: 0xe1,
  app14: 0xee,
} as const;

export interface Segment {
  readonly marker: number;
  /** First byte after the length, and first byte after the segment. */
  readonly start: number;
  readonly end: number;
}

/**
 * Every marker from the second on; throws RangeError at the end of the file. Bytes between segments are skipped, as
 * libjpeg does.
 */
export function* segments(bytes: Buffer): Generator<Segment> {
  let at = 2;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) throw new RangeError('no further marker');
    while (bytes[at] === 0xff) at++;
    const code = bytes.readUInt8(at);
    at++;
    // FF 00 is a byte of a scan, FF D0 .. FF D7 are restart markers within one
    if (code === 0 || code === 0x01 || (code >= marker.restart && code < marker.startOfImage)) continue;
    const hasLength = code !== marker.endOfImage && code !== marker.startOfImage;
    const end = hasLength ? at + bytes.readUInt16BE(at) : at;
    yield { marker: code, start: at + 2, end };
    at = end;
  }
}

/** SOF0 .. SOF15, without the three markers among them that mean something else. */
export const isStartOfFrame = (code: number): boolean =>
  code >= marker.baselineFrame &&
  code <= 0xcf &&
  code !== marker.huffmanTables &&
  code !== 0xc8 &&
  code !== 0xcc;
