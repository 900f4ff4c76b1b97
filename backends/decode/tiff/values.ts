import { DataError } from '../../../src/core/errors.ts';
import { compression, type tag } from './tags.ts';

/** The integers of a tag; none where it is missing. */
export type Values = (name: keyof typeof tag) => readonly number[];

export const first = (values: Values, name: keyof typeof tag, otherwise: number): number =>
  values(name)[0] ?? otherwise;

export const compressionOf = (values: Values): number => first(values, 'compression', compression.none);

/** Bytes of each strip or tile. */
export const lengthsOf = (values: Values): number[] => [
  ...values('stripByteCounts'),
  ...values('tileByteCounts'),
];

export const refused = (what: string): DataError =>
  new DataError('DECODE_FAILED', `tiff: ${what} not read; save it as 8-bit RGB`);
