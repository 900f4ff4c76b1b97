import type { LabelFault } from '../tar/sample-label.ts';
import { labelInWords, MAX_CLASSES } from '../tar/sample-label.ts';
import { type Bytes, type Range, WireError, WireReader } from '../wire-reader.ts';

/** What a value of Caffe's says of its image. */
export interface Datum {
  /** Where the image's bytes are. */
  readonly data: Range;
  /** Of an image that is not encoded: planes of one channel, gray, or of three in the order blue, green, red. */
  readonly size?: DatumSize;
  /** -1 where it is below zero, which says that there is none. */
  readonly label: number | LabelFault;
}

export interface DatumSize {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
}

/** Numbers of caffe.Datum's fields. */
const [CHANNELS, HEIGHT, WIDTH, DATA, LABEL, FLOATS, ENCODED] = [1, 2, 3, 4, 5, 6, 7];

/** Reads a caffe.Datum, but not its image. */
export function readDatum(bytes: Bytes, range: Range): Datum {
  const numbers = new Map<number, number>();
  let data: Range | undefined;
  const reader = new WireReader(bytes, range);
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field.varint !== undefined) numbers.set(field.number, field.varint);
    else if (field.number === DATA) data = field;
    else if (field.number === FLOATS) throw new WireError('its values are floats, not an image of u8');
  }
  if (data === undefined || data.end === data.start) throw new WireError('it has no image (data)');
  const label = labelOf(numbers.get(LABEL));
  return numbers.get(ENCODED) ? { data, label } : { data, label, size: sizeOf(numbers, data) };
}

function sizeOf(numbers: ReadonlyMap<number, number>, { start, end }: Range): DatumSize {
  const [channels = 0, height = 0, width = 0] = [CHANNELS, HEIGHT, WIDTH].map((field) => numbers.get(field));
  const isKnown = (channels === 1 || channels === 3) && height > 0 && width > 0;
  if (isKnown && channels * height * width === end - start) return { channels, height, width };
  const got = `${end - start} bytes for ${channels} x ${height} x ${width}`;
  throw new WireError(`expected 1 or 3 channels of u8, got ${got}`);
}

function labelOf(label: number | undefined): number | LabelFault {
  if (label === undefined) return { code: 'NO_CLASS', message: 'has no class' };
  if (label < 0) return -1;
  if (label < MAX_CLASSES) return label;
  return { code: 'INVALID_CLASS', message: `expected the class as ${labelInWords}, got ${label}` };
}
