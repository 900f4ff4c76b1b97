import { photometric } from './tags.ts';

/** What the samples of a pixel stand for. */
export type Colours = 'gray' | 'inverted gray' | 'palette' | 'rgb' | 'CMYK' | 'YCbCr';

export type SampleType = `uint${1 | 2 | 4 | 8 | 16 | 32}` | `int${8 | 16 | 32}` | 'float32';

export const coloursOf: Readonly<Record<number, Colours>> = {
  [photometric.minIsWhite]: 'inverted gray',
  [photometric.minIsBlack]: 'gray',
  [photometric.rgb]: 'rgb',
  [photometric.palette]: 'palette',
  [photometric.cmyk]: 'CMYK',
  [photometric.yCbCr]: 'YCbCr',
};

/** Without alpha, and what else may follow. */
export const samplesOf: Readonly<Record<Colours, number>> = {
  ...{ gray: 1, 'inverted gray': 1, palette: 1, rgb: 3, YCbCr: 3, CMYK: 4 },
};

const upTo8 = ['uint1', 'uint2', 'uint4', 'uint8'] as const;

/** Those that can be read. Of floats, Pillow ignores that white is the smallest. */
export const sampleTypesOf: Readonly<Record<Colours, readonly SampleType[]>> = {
  gray: [...upTo8, 'uint16', 'uint32', 'int8', 'int16', 'int32', 'float32'],
  'inverted gray': [...upTo8, 'uint16', 'float32'],
  palette: upTo8,
  rgb: ['uint8', 'uint16'],
  CMYK: ['uint8', 'uint16'],
  YCbCr: ['uint8'],
};
