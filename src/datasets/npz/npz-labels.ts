import type { DataError } from '../../core/errors.ts';
import { namelessClass, numberedClasses } from '../class-names.ts';
import { MAX_CLASSES } from '../tar/sample-label.ts';
import { FLOATS, INTEGERS, type NpzArray, type NpzFile } from './npz-arrays.ts';

/** The classes of the images in a file of arrays. */
export interface NpzLabels {
  /** Of each image; -1 for none. Where it has several, the first of them. */
  readonly labels: ArrayLike<number>;
  /** Where images may have several, or none: which, ascending. */
  readonly lists?: readonly (readonly number[])[];
  readonly classes: readonly string[];
}

/** Which array has the classes of how many images. */
export interface LabelsWanted {
  readonly name: string;
  /** Those of all splits, this one among them. */
  readonly all: readonly string[];
  readonly images: NpzArray;
  readonly classes: readonly string[] | undefined;
}

/**
 * A class for each image, of size n or n x 1, or a column for each class, of zeros and ones. Such columns are one-hot, so that an
 * image has one class, where every row of every split has a single one; else an image has several classes, or none.
 */
export function readLabels(file: NpzFile, wanted: LabelsWanted): NpzLabels {
  const { name, images } = wanted;
  const { shape } = file.array(name, FLOATS);
  const [count, width = 1] = shape;
  if (shape.length > 2 || shape.length === 0 || width < 1) {
    const expected = 'expected a class each, of size n or n x 1, or a column for each class';
    throw file.error('NPZ_LABELS', name, `${expected}, got ${shape.join(' x ') || 'one number'}`);
  }
  const expected = images.shape[0] as number;
  if (count !== expected) {
    const reason = `expected a class for each of ${expected} images in ${images.name}, got ${count}`;
    throw file.error('NPZ_LABELS', name, reason);
  }
  return width === 1 ? classOfEach(file, wanted) : columnsOf(file, wanted, width);
}

function classOfEach(file: NpzFile, { name, classes }: LabelsWanted): NpzLabels {
  const array = file.array(name, INTEGERS);
  const labels = numbersIn(file.elements(array), array.type);
  // before they are counted: a number that is no class must not fill the memory
  checkLabels(file, name, labels, classes);
  return { labels, classes: classes ?? numberedClasses(labels) };
}

function checkLabels(
  file: NpzFile,
  name: string,
  labels: Float64Array,
  classes: readonly string[] | undefined,
): void {
  const count = classes?.length ?? MAX_CLASSES;
  const index = labels.findIndex((label) => !(label >= 0 && label < count));
  if (index === -1) return;
  const label = labels[index] as number;
  const reason =
    label < 0 || classes === undefined
      ? `expected a class of 0..${count - 1}, got ${label}`
      : namelessClass(label, count);
  throw file.error('INVALID_CLASS', name, `image ${index}: ${reason}`);
}

function columnsOf(file: NpzFile, { name, all, classes }: LabelsWanted, width: number): NpzLabels {
  if (classes !== undefined && classes.length !== width) {
    const reason = `has a column for each of ${width} classes, ${classes.length} are named`;
    throw file.error('INVALID_CLASS', name, reason);
  }
  const lists = readColumns(file, name);
  const isOneHot = (rows: readonly (readonly number[])[]) => rows.every(({ length }) => length === 1);
  // one split may have no image of several classes by chance
  const others = all.filter((one) => one !== name && file.array(one, FLOATS).shape[1] === width);
  const isOneEach = isOneHot(lists) && others.every((one) => isOneHot(readColumns(file, one)));
  return {
    labels: Int32Array.from(lists, ([first = -1]) => first),
    ...(!isOneEach && { lists }),
    classes: classes ?? Array.from({ length: width }, (_, label) => String(label)),
  };
}

/** Of each row the columns that have a one. */
function readColumns(file: NpzFile, name: string): number[][] {
  const array = file.array(name, FLOATS);
  const [count = 0, width = 0] = array.shape;
  const values = numbersIn(file.elements(array), array.type);
  const wrong = values.findIndex((value) => value !== 0 && value !== 1);
  if (wrong !== -1) throw notBinary(file, name, Math.floor(wrong / width), values[wrong] as number);
  return Array.from({ length: count }, (_, row) => {
    const list: number[] = [];
    for (let column = 0; column < width; column++) if (values[row * width + column] === 1) list.push(column);
    return list;
  });
}

function notBinary(file: NpzFile, name: string, image: number, got: number): DataError {
  const isSoft = got > 0 && got < 1;
  const reason = isSoft
    ? `soft labels are not read, got ${got}: ${name}.argmax(1) is a class each, ${name} > 0.5 are several`
    : `expected 0 or 1 in the column of each class, got ${got}`;
  return file.error('INVALID_CLASS', name, `image ${image}: ${reason}`);
}

/** Little-endian integers of 1 to 8 bytes, floats of 4 or 8, and truth values. */
function numbersIn(bytes: Buffer, type: string): Float64Array {
  const [, kind, size] = [...type] as [string, string, string];
  const step = Number(size);
  const read = (at: number): number => {
    if (kind === 'f') return step === 8 ? bytes.readDoubleLE(at) : bytes.readFloatLE(at);
    if (step === 8) return Number(kind === 'i' ? bytes.readBigInt64LE(at) : bytes.readBigUInt64LE(at));
    return kind === 'i' ? bytes.readIntLE(at, step) : bytes.readUIntLE(at, step);
  };
  return Float64Array.from({ length: bytes.length / step }, (_, index) => read(index * step));
}
