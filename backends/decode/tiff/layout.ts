import { DataError } from '../../../src/core/errors.ts';
import type { Size } from '../../../src/core/image.ts';
import { type Orientation, toOrientation } from '../orientation.ts';
import { type Colours, coloursOf, type SampleType, samplesOf, sampleTypesOf } from './colours.ts';
import { type Conversion, conversionOf } from './conversion.ts';
import { integersOf, readDirectory, type TiffDirectory } from './directory.ts';
import { endOf, hasSeparatePlanes } from './end.ts';
import {
  compression,
  compressionNames,
  compressionsRead,
  photometric,
  photometricNames,
  tag,
} from './tags.ts';
import { compressionOf, first, refused, type Values } from './values.ts';

/** How the first image of a TIFF file is stored. Its size is that before it is turned. */
export interface TiffLayout extends Size {
  readonly orientation: Orientation;
  readonly colours: Colours;
  readonly isPremultiplied: boolean;
  /** Of YCbCr only: who converts it. */
  readonly conversion: Conversion | undefined;
  readonly samplesPerPixel: number;
  readonly sampleType: SampleType;
  /** 16-bit values: all reds, all greens, all blues. Empty where colours are not a palette's. */
  readonly colourMap: readonly number[];
  /** Where the data of the last strip or tile end. */
  readonly end: number;
  readonly directory: TiffDirectory;
}

type Samples = Pick<TiffLayout, 'samplesPerPixel' | 'sampleType'>;

/** sharp takes no more. */
const MOST_SAMPLES = 5;
/** 4 is "undefined". */
const formatNames: Readonly<Record<number, string>> = { 1: 'uint', 2: 'int', 3: 'float', 4: 'uint' };

/** Throws DataError for a kind of TIFF that is not read, RangeError where the file ends within its directory. */
export function readTiffLayout(bytes: Buffer): TiffLayout {
  const directory = readDirectory(bytes);
  const values: Values = (name) => integersOf(bytes, directory, tag[name]);
  checkCompression(values);
  checkPlanes(values);
  const size = { width: first(values, 'imageWidth', 0), height: first(values, 'imageLength', 0) };
  const samples = readSamples(values);
  const colours = readColours(values, samples);
  const conversion = colours === 'YCbCr' ? conversionOf(values, size) : undefined;
  return {
    ...size,
    ...samples,
    orientation: toOrientation(values('orientation')[0]),
    colours,
    isPremultiplied: colours === 'rgb' && samples.samplesPerPixel > 3 && values('extraSamples')[0] === 1,
    conversion,
    colourMap: colours === 'palette' ? readColourMap(values) : [],
    end: endOf(values, { ...size, ...samples }, conversion === 'within libtiff'),
    directory,
  };
}

function checkCompression(values: Values): void {
  const number = compressionOf(values);
  if (compressionsRead.has(number)) return;
  const name = compressionNames[number] ?? `number ${number}`;
  throw new DataError('DECODE_FAILED', `tiff: compression ${name} is not read; save it with LZW or Deflate`);
}

function checkPlanes(values: Values): void {
  if (hasSeparatePlanes(values) && values('tileWidth').length > 0)
    throw refused('a file of tiles with separate planes is');
}

function readSamples(values: Values): Samples {
  const samplesPerPixel = first(
    values,
    'samplesPerPixel',
    compressionOf(values) === compression.oldJpeg ? 3 : 1,
  );
  const [bits = 1, ...others] = new Set(values('bitsPerSample').slice(0, samplesPerPixel));
  const format = formatNames[first(values, 'sampleFormat', 1)] ?? 'complex';
  if (others.length > 0) throw refused('samples of different sizes are');
  if (samplesPerPixel > MOST_SAMPLES) throw refused(`${samplesPerPixel} samples per pixel are`);
  return { samplesPerPixel, sampleType: `${format}${bits}` as SampleType };
}

function readColours(values: Values, samples: Samples): Colours {
  const { samplesPerPixel, sampleType } = samples;
  const isOldJpeg = compressionOf(values) === compression.oldJpeg;
  const number = isOldJpeg ? photometric.yCbCr : first(values, 'photometric', photometric.minIsWhite);
  const declared = coloursOf[number];
  if (declared === undefined)
    throw refused(`${photometricNames[number] ?? `photometric interpretation ${number}`} is`);
  const colours = declared === 'YCbCr' && samplesPerPixel === 1 ? 'gray' : declared;
  const isKnown = sampleTypesOf[colours].includes(sampleType);
  const isPacked = samplesPerPixel === 1 || sampleType === 'uint8' || sampleType === 'uint16';
  if (samplesPerPixel >= samplesOf[colours] && isKnown && isPacked) return colours;
  throw refused(`${colours} of ${samplesPerPixel} ${sampleType} samples per pixel is`);
}

function readColourMap(values: Values): readonly number[] {
  const map = values('colorMap');
  if (map.length === 0) throw refused('a palette without colours is');
  return map;
}
