import type { Orientation } from '../../../../backends/decode/image-header.ts';
import { marker } from '../../../../backends/decode/jpeg-segments.ts';
import type { HuffmanCode } from './huffman-code.ts';
import { damaged } from './not-transcodable.ts';
import type { Coefficients } from './read-coefficients.ts';

export interface IntervalHeader {
  /** SOI up to and with SOS. */
  readonly bytes: Buffer;
  readonly frameSizeOffset: number;
}

/** The header of a baseline file with one interleaved scan, its segments reduced to what decides the pixels. */
export function writeHeader(
  coefficients: Coefficients,
  codes: readonly HuffmanCode[],
  mcusPerInterval: number,
  orientation: Orientation,
): IntervalHeader {
  const { frame } = coefficients;
  const before = [
    Buffer.from([0xff, marker.startOfImage]),
    ...colourSegments(coefficients),
    ...(orientation === 1 ? [] : [orientationSegment(orientation)]),
    ...quantisationSegments(coefficients),
  ];
  const { width, height, components } = frame;
  const described = components.map((c) => [c.id, (c.horizontal << 4) | c.vertical, c.quantisation]);
  const after = [
    segment(marker.baselineFrame, [8, ...u16(height), ...u16(width), components.length, ...described.flat()]),
    ...codes.map(({ counts, symbols }, i) =>
      segment(marker.huffmanTables, [((i & 1) << 4) | (i >> 1), ...counts, ...symbols]),
    ),
    segment(marker.restartInterval, u16(mcusPerInterval)),
    segment(marker.startOfScan, [
      components.length,
      ...components.flatMap(({ id }, i) => [id, i === 0 ? 0x00 : 0x11]),
      ...[0, 63, 0],
    ]),
  ];
  // marker, length and precision come before the size
  const frameSizeOffset = Buffer.concat(before).length + 5;
  return { bytes: Buffer.concat([...before, ...after]), frameSizeOffset };
}

/** JFIF without its thumbnail; of Adobe's the part that libjpeg reads. */
function colourSegments({ colourSegments }: Coefficients): Buffer[] {
  const jfif = colourSegments.get(marker.app0);
  const adobe = colourSegments.get(marker.app14);
  return [
    ...(jfif ? [segment(marker.app0, [...jfif.subarray(0, 12), 0, 0])] : []),
    ...(adobe ? [segment(marker.app14, adobe.subarray(0, 12))] : []),
  ];
}

/** EXIF with one tag: a TIFF file, big-endian, whose directory at byte 8 has an entry 0x0112 of one 16-bit number. */
function orientationSegment(orientation: Orientation): Buffer {
  const prefix = Buffer.from('Exif\0\0MM\0*', 'latin1');
  const directory = [0, 1, ...[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0], 0, 0, 0, 0];
  return segment(marker.app1, [...prefix, 0, 0, 0, 8, ...directory]);
}

function quantisationSegments({ frame, quantisation }: Coefficients): Buffer[] {
  const used = [...new Set(frame.components.map((component) => component.quantisation))].sort();
  return used.map((place) => {
    const table = quantisation[place];
    if (table === undefined) throw damaged('no quantisation table');
    return segment(marker.quantisationTables, [place, ...table]);
  });
}

const segment = (code: number, content: ArrayLike<number> & Iterable<number>): Buffer =>
  Buffer.from([0xff, code, ...u16(content.length + 2), ...content]);

const u16 = (value: number): number[] => [value >> 8, value & 0xff];
