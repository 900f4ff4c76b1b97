import type { Size } from '../../../src/core/image.ts';
import type { SampleType } from './colours.ts';
import { compression } from './tags.ts';
import { compressionOf, first, lengthsOf, type Values } from './values.ts';

interface Samples extends Size {
  readonly samplesPerPixel: number;
  readonly sampleType: SampleType;
}

const SEPARATE = 2;
export const hasSeparatePlanes = (values: Values): boolean =>
  first(values, 'planarConfiguration', 1) === SEPARATE;

/**
 * Where the data of the last strip or tile end. Of what is not compressed that follows from its size: some writers give
 * wrong lengths or none, which Pillow and libtiff accept. A length that is missing otherwise counts as 0.
 */
export function endOf(values: Values, samples: Samples, isSubsampled: boolean): number {
  const lengths = lengthsOf(values);
  const isPlain = compressionOf(values) === compression.none && !isSubsampled;
  const lengthOf = isPlain ? plainLength(values, samples) : (i: number) => lengths[i] ?? 0;
  const offsets = [...values('stripOffsets'), ...values('tileOffsets')];
  return offsets.reduce((end, offset, i) => Math.max(end, offset + lengthOf(i)), 0);
}

/** The bytes that a strip or tile takes where it is not compressed. */
function plainLength(values: Values, samples: Samples): (segment: number) => number {
  const { width, height, samplesPerPixel, sampleType } = samples;
  const bits = Number(/\d+$/.exec(sampleType)) * (hasSeparatePlanes(values) ? 1 : samplesPerPixel);
  const tileWidth = first(values, 'tileWidth', 0);
  const bytesPerRow = Math.ceil(((tileWidth || width) * bits) / 8);
  if (tileWidth > 0) return () => bytesPerRow * first(values, 'tileLength', 0);
  const rows = Math.max(1, Math.min(height, first(values, 'rowsPerStrip', height)));
  const strips = Math.ceil(height / rows);
  return (strip) => bytesPerRow * Math.min(rows, height - (strip % strips) * rows);
}
