import type { Numbers } from './tensor-kernel.ts';

/** A CPU's tiles of what is computed for four samples at a time. */
export const tilesOfSamples = ({ samples }: Numbers<'samples'>): [number, number] => [
  1,
  Math.ceil(samples / 4),
];

/** Bytes of so many values of four samples: matrix-of-samples.as.ts has the same. */
export const bytesOfRows = (rows: number): number => 16 * (rows + 8);
