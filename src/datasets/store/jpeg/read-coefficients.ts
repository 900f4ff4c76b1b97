import type { ImageHeader } from '../../../../backends/decode/image-header.ts';
import { isStartOfFrame, marker, segments } from '../../../../backends/decode/jpeg-segments.ts';
import { type Frame, readFrame } from './frame.ts';
import { buildLookup } from './huffman-lookup.ts';
import { damaged, refuseIf } from './not-transcodable.ts';
import { decodeScan, readScan, type Tables } from './scan.ts';

/** Encoders write about ten. A short file of thousands would keep us busy for minutes. */
const MOST_SCANS = 100;

/** All of a JPEG that decides its pixels. Valid until the next file is read: the coefficients lie in shared memory. */
export interface Coefficients {
  readonly frame: Frame;
  /** 64 bytes each in zigzag order, by their number 0..3. */
  readonly quantisation: readonly (Buffer | undefined)[];
  /** The contents of the segments that say how colours are coded, by their markers. */
  readonly colourSegments: ReadonlyMap<number, Buffer>;
}

/** Reads a file of which `checkHeader` found that it can be transcoded. Throws NotTranscodable. */
export function readCoefficients(bytes: Buffer, { jpeg }: ImageHeader): Coefficients {
  const quantisation: Buffer[] = [];
  const colourSegments = new Map<number, Buffer>();
  const tables: Tables = { dc: [], ac: [] };
  let frame: Frame | undefined;
  let restartInterval = 0;
  let scans = 0;
  for (const { marker: code, start, end } of segments(bytes)) {
    if (code === marker.endOfImage) break;
    const content = bytes.subarray(start, end);
    if (isStartOfFrame(code)) {
      refuseIf(frame !== undefined, 'damaged: two frames');
      frame = readFrame(content, jpeg?.process === 'progressive', bytes.length);
    } else if (code === marker.huffmanTables) readHuffmanTables(content, tables);
    else if (code === marker.quantisationTables) {
      refuseIf(scans > 0, 'quantisation tables between scans');
      readQuantisation(content, quantisation);
    } else if (code === marker.restartInterval) restartInterval = content.readUInt16BE(0);
    else if (code === marker.startOfScan) {
      if (frame === undefined) throw damaged('a scan before its frame');
      refuseIf(++scans > MOST_SCANS, `more than ${MOST_SCANS} scans`);
      decodeScan(bytes, end, frame, readScan(content, frame, tables, restartInterval));
    } else if (isColourSegment(code, content)) colourSegments.set(code, content);
    refuseIf(code === marker.numberOfLines, 'height after the first scan (DNL)');
  }
  if (frame === undefined || scans === 0) throw damaged('no scan');
  return { frame, quantisation, colourSegments };
}

function readHuffmanTables(content: Buffer, tables: Tables): void {
  for (let at = 0; at < content.length; ) {
    const place = content.readUInt8(at);
    const counts = content.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const symbols = content.subarray(at + 17, at + 17 + total);
    refuseIf(place > 0x1f || (place & 15) > 3, 'damaged: Huffman table');
    refuseIf(counts.length < 16 || symbols.length < total, 'damaged: Huffman table');
    (place >> 4 ? tables.ac : tables.dc)[place & 15] = buildLookup(counts, symbols);
    at += 17 + total;
  }
}

function readQuantisation(content: Buffer, tables: Buffer[]): void {
  for (let at = 0; at < content.length; at += 65) {
    const place = content.readUInt8(at);
    refuseIf(place >> 4 !== 0, '16-bit quantisation tables');
    const table = content.subarray(at + 1, at + 65);
    refuseIf(place > 3 || table.length < 64, 'damaged: quantisation table');
    tables[place] = table;
  }
}

/** As libjpeg decides it: JFIF means YCbCr, Adobe says whether RGB or YCbCr. */
const isColourSegment = (code: number, content: Buffer): boolean =>
  (code === marker.app0 && content.length >= 14 && content.toString('latin1', 0, 5) === 'JFIF\0') ||
  (code === marker.app14 && content.length >= 12 && content.toString('latin1', 0, 5) === 'Adobe');
