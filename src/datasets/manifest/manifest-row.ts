import { DataError } from '../../core/errors.ts';
import { type Label, labelInWords, labelOf } from '../tar/sample-label.ts';

/** What a row of a manifest says of an image. */
export interface ManifestRow {
  /** The number of the line in which it begins; of COCO's annotations its place, `images[17]`. */
  readonly line: number | string;
  /** As it stands there. */
  readonly path: string;
  /** A list where a sample may have several; empty where it has none. */
  readonly label: Label | undefined | readonly Label[];
  readonly split?: string | undefined;
}

/** How a manifest's columns are found. */
export interface ManifestColumns {
  /**
   * The column, or the key in JSON, of the image's path; of a table without a header its number, from 1. Default: `path`,
   * `file`, `file_name`, `filename`, `file_path`, `filepath`, `image` or `image_path`.
   */
  readonly imageMember?: string | undefined;
  /**
   * The same of the class; in JSON, dots lead into objects. Default: `label`, `labels`, `class`, `class_name`, `category` or
   * `target`.
   */
  readonly labelKey?: string | undefined;
  /** What stands between several classes in one cell, such as `|`: samples may then have several, or none. */
  readonly labelSeparator?: string | undefined;
}

export const pathNames = [
  'path',
  'file',
  'file_name',
  'filename',
  'file_path',
  'filepath',
  'image',
  'image_path',
];
export const labelNames = ['label', 'labels', 'class', 'class_name', 'category', 'target'];
export const splitNames = ['split'];

/** Pandas and MXNet write classes as floats. */
const integralFloat = /^(-?\d+)\.0+$/;

/** The class that a text says; undefined for none, which is an empty text or -1. */
export function labelIn(text: string, fail: (reason: string) => DataError): Label | undefined {
  const word = text.trim().replace(integralFloat, '$1');
  if (word === '' || word === '-1') return undefined;
  const label = labelOf(word);
  if (label !== undefined) return label;
  throw fail(`expected the class as ${labelInWords}, got ${JSON.stringify(text.slice(0, 100))}`);
}

/** The class of a cell, or the classes, parted by the separator. */
export function labelsIn(
  text: string,
  separator: string | undefined,
  fail: (reason: string) => DataError,
): ManifestRow['label'] {
  if (separator === undefined) return labelIn(text, fail);
  const words = text.split(separator).map((word) => labelIn(word, fail));
  return words.filter((label) => label !== undefined);
}

/** What is wrong with a line. */
export const lineError = (
  path: string,
  line: number | string,
  reason: string,
  code = 'INVALID_MANIFEST',
): DataError => new DataError(code, `${path}: ${lineInWords(line)}: ${reason}`);

export const lineInWords = (line: number | string): string =>
  typeof line === 'number' ? `line ${line}` : line;

/** Names for messages, the first few. */
export const namesInWords = (names: readonly string[]): string =>
  `${names.slice(0, 10).join(', ')}${names.length > 10 ? ', ...' : ''}`;
