import { readFileSync } from 'node:fs';
import jpegTurbo from '@julusian/jpeg-turbo';
import sharp from 'sharp';
import { marker, type Segment, segments } from '../../backends/decode/jpeg-segments.ts';

const golden: Record<string, string> = JSON.parse(readFileSync('test/golden/transcode.json', 'utf8')).files;

/** Pillow's files by name: kinds that our packages cannot make. */
export const pillowFiles: ReadonlyMap<string, Buffer> = new Map(
  Object.entries(golden).map(([name, file]) => [name, Buffer.from(file, 'base64')]),
);

export function pillowFile(name: string): Buffer {
  const file = pillowFiles.get(name);
  if (file === undefined) throw new Error(`transcode.json has no ${name}`);
  return file;
}

/** All segments before the end-of-image marker. */
export function segmentsOf(file: Buffer): Segment[] {
  const found: Segment[] = [];
  for (const segment of segments(file)) {
    if (segment.marker === marker.endOfImage) break;
    found.push(segment);
  }
  return found;
}

/** The first, or another, segment with this marker. */
export function findSegment(file: Buffer, code: number, index = 0): Segment {
  const segment = segmentsOf(file).filter((candidate) => candidate.marker === code)[index];
  if (segment === undefined) throw new Error(`no segment ${code.toString(16)}`);
  return segment;
}

/** What libjpeg-turbo decodes with the fast DCT; throws where it complains. */
export const turboPixels = (file: Buffer): Buffer =>
  jpegTurbo.decompressSync(file, { format: jpegTurbo.FORMAT_RGB }).data;

/** What sharp decodes, with the accurate DCT. */
export const sharpPixels = (file: Buffer): Promise<Buffer> =>
  sharp(file, { ignoreIcc: true }).toColourspace('srgb').raw().toBuffer();
