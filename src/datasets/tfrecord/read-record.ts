import { DataError } from '../../core/errors.ts';
import { nameInWords } from '../opening/file-path.ts';
import type { ByteWindow } from '../pieces/file-window.ts';
import type { LabelFault, SaidLabel } from '../tar/sample-label.ts';
import { type Range, WireError } from '../wire-reader.ts';
import type { FeatureNames } from './choose-features.ts';
import { maskedCrc32c } from './crc32c.ts';
import { bytesIn, type Feature, featuresOf, valuesOf } from './example.ts';
import { exampleLabel } from './example-label.ts';
import { FRAME_END_BYTES, type RecordFrame } from './record-frames.ts';

/** What a record says of its sample. */
export interface ReadRecord {
  /** Where the image is in the file. */
  readonly image: Range;
  readonly label: SaidLabel | LabelFault | undefined;
  readonly fileName: string | undefined;
  readonly className: string | undefined;
}

/** The sample in a record, without its image's bytes. */
export function readRecord(file: ByteWindow, frame: RecordFrame, names: FeatureNames): ReadRecord {
  const wanted = new Set(Object.values(names));
  const features = recordFeatures(file, frame, (name) => wanted.has(name));
  const of = (name: string | undefined) => (name === undefined ? undefined : features.get(name));
  const label = of(names.label);
  return parsing(file, frame, () => ({
    image: imageIn(file, frame, names.image, features.get(names.image)),
    label: label && exampleLabel(file, label),
    fileName: textIn(file, of(names.fileName)),
    className: textIn(file, of(names.className)),
  }));
}

/** The features of a record that are wanted. */
export const recordFeatures = (
  file: ByteWindow,
  frame: RecordFrame,
  isWanted: (name: string) => boolean,
): Map<string, Feature> => parsing(file, frame, () => featuresOf(file, frame, isWanted));

function imageIn(file: ByteWindow, frame: RecordFrame, name: string, feature: Feature | undefined): Range {
  const [image, second] = feature?.kind === 'bytes' ? valuesOf(file, feature, 2) : [];
  if (image !== undefined && second === undefined) return image;
  const got = second === undefined ? `no bytes in ${name}` : `several values in ${name}`;
  throw recordError(file, frame, 'NO_IMAGE', `expected one encoded image, got ${got}`);
}

const MAX_TEXT_BYTES = 4096;

/** The only text of a feature, if it has one. */
function textIn(file: ByteWindow, feature: Feature | undefined): string | undefined {
  const [value] = feature?.kind === 'bytes' ? valuesOf(file, feature, 1) : [];
  const bytes = value && bytesIn(file, value, MAX_TEXT_BYTES);
  return bytes === undefined || bytes.length === 0 ? undefined : nameInWords(bytes);
}

/** Says of what is no example whether the record is damaged, which only its checksum tells. */
function parsing<T>(file: ByteWindow, frame: RecordFrame, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    const { start, end } = frame;
    const checksum = file.view(end, FRAME_END_BYTES).readUInt32LE(0);
    const isWhole = maskedCrc32c(file.view(start, end - start)) === checksum;
    throw isWhole
      ? recordError(file, frame, 'NOT_AN_EXAMPLE', `expected a tf.train.Example: ${cause.message}`)
      : recordError(file, frame, 'DAMAGED_TFRECORD', 'is damaged: its data has a wrong checksum');
  }
}

export const recordError = (
  file: ByteWindow,
  { record }: RecordFrame,
  code: string,
  reason: string,
): DataError => new DataError(code, `${file.path}: record ${record}: ${reason}`);
