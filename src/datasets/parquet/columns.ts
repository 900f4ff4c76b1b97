import type { FileMetaData, SchemaElement } from 'hyparquet';
import { classNamesIn } from './hub-features.ts';
import type { ParquetFile } from './parquet-file.ts';

/** A column of plain values: a leaf of the schema. */
export interface Column {
  /** Its number in each row group. */
  readonly place: number;
  readonly path: readonly string[];
  readonly type: string;
  /** Of bytes, whether the file says that they are texts. */
  readonly isText: boolean;
  /** The definition level of a value that is there: how many of its path may be null. */
  readonly maxDefinition: number;
  /** Has any number of values in a row. */
  readonly isRepeated: boolean;
  /** Of one list of values in a row, and none in another: its path, and the definition level from which it has an element. */
  readonly list?: { readonly path: readonly string[]; readonly definition: number };
}

/** What a sample is made of. */
export interface SampleColumns {
  readonly image: Column;
  /** Names of the images. */
  readonly name: Column | undefined;
  readonly label: Column;
  /** Of the label's numbers, where the file has them. */
  readonly classes: readonly string[] | undefined;
}

/** Which columns are asked for. */
export interface ColumnOptions {
  /** The column of the images. Default: the only one with `bytes` in it, or of several `image` or `img`. */
  readonly imageColumn?: string | undefined;
  /** The column of the classes. Default: `label` or `labels`; else the only one with class names, or a usual name. */
  readonly labelColumn?: string | undefined;
}

export const isOptional = ({ maxDefinition }: Column): boolean => maxDefinition > 0;

export function chooseColumns(
  file: ParquetFile,
  metadata: FileMetaData,
  { imageColumn, labelColumn }: ColumnOptions,
): SampleColumns {
  const columns = leavesOf(file, metadata.schema);
  const classNames = classNamesIn(file, metadata);
  const image = imageIn(file, columns, imageColumn);
  const label = labelIn(file, columns, labelColumn, [...classNames.keys()]);
  const namePath = [...image.path.slice(0, -1), 'path'];
  return {
    image,
    name: columns.find((one) => isPath(one, namePath) && one.type === 'BYTE_ARRAY'),
    label,
    classes: label.type === 'BYTE_ARRAY' ? undefined : classNames.get(nameOf(label)),
  };
}

/** The leaves of a schema, whose elements come parents first, each with the number of its children. */
function leavesOf(file: ParquetFile, schema: readonly SchemaElement[]): Column[] {
  const leaves: Column[] = [];
  let next = 1;
  const visit = (above: Omit<Column, 'place' | 'type' | 'isText'>, children: number, depth: number): void => {
    for (let i = 0; i < children; i++) {
      const element = schema[next++];
      if (element === undefined || depth > MAX_DEPTH) throw file.damaged('its schema is not whole');
      const { name, type, repetition_type: repetition, num_children: inner = 0 } = element;
      const isRepeated = repetition === 'REPEATED';
      const maxDefinition = above.maxDefinition + (repetition === 'REQUIRED' ? 0 : 1);
      const { list, ...others } = above;
      const path = [...above.path, name];
      // writers that know no lists repeat the column itself
      const own = { path: above.path.length === 0 ? path : above.path, definition: maxDefinition };
      const below = {
        ...{ ...others, path, maxDefinition },
        isRepeated: above.isRepeated || isRepeated,
        ...(above.isRepeated ? !isRepeated && list && { list } : isRepeated && { list: own }),
      };
      if (type === undefined) visit(below, inner, depth + 1);
      else leaves.push({ ...below, place: leaves.length, type, isText: isTextual(element) });
    }
  };
  visit({ path: [], maxDefinition: 0, isRepeated: false }, schema[0]?.num_children ?? 0, 0);
  return leaves;
}

const MAX_DEPTH = 100;

const textTypes = ['UTF8', 'STRING', 'ENUM', 'JSON'];

const isTextual = ({ converted_type: older, logical_type: newer }: SchemaElement): boolean =>
  textTypes.includes(older ?? '') || textTypes.includes(newer?.type ?? '');

const isPath = ({ path }: Column, wanted: readonly string[]): boolean =>
  path.length === wanted.length && path.every((name, i) => name === wanted[i]);

const nameOf = ({ path, list }: Column): string => (list?.path ?? path).join('.');

function imageIn(file: ParquetFile, columns: readonly Column[], wanted: string | undefined): Column {
  const binary = columns.filter(
    ({ type, isText, isRepeated }) => type === 'BYTE_ARRAY' && !isText && !isRepeated,
  );
  const structs = binary.filter(({ path }) => path.length > 1 && path.at(-1) === 'bytes');
  const only = onlyOne(file, columns);
  const inStruct = (name: string) =>
    only(
      name,
      structs.filter(({ path }) => path.slice(0, -1).join('.') === name),
    );
  const named = (name: string) =>
    inStruct(name) ??
    only(
      name,
      binary.filter((one) => nameOf(one) === name),
    );
  if (wanted !== undefined) {
    const column = named(wanted);
    if (column !== undefined) return column;
    throw noColumn(file, columns, `has no images in the column ${wanted} (imageColumn)`);
  }
  const [first, second] = structs;
  if (first !== undefined && second === undefined) return first;
  const found = usualImages.map(structs.length > 0 ? inStruct : named).find((one) => one !== undefined);
  if (found !== undefined) return found;
  const expected = 'expected one of {bytes, path}, or a binary one called image or img';
  const isPaths = columns.some(({ isText, path }) => isText && usualImages.includes(path.join('.')));
  const advice = isPaths ? '; a table of paths is read as a list: write it as .csv' : '';
  const reason = first === undefined ? 'has no column of images' : 'has several columns of images';
  throw noColumn(file, columns, `${reason} (${expected}; imageColumn chooses one${advice})`);
}

const usualImages = ['image', 'img'];
const usualLabels = ['label', 'labels'];
const otherLabels = ['class', 'target', 'category', 'fine_label'];
const labelTypes = ['INT32', 'INT64', 'BYTE_ARRAY'];

function labelIn(
  file: ParquetFile,
  columns: readonly Column[],
  wanted: string | undefined,
  withClasses: readonly string[],
): Column {
  const usable = columns.filter(
    ({ type, isRepeated, list }) => labelTypes.includes(type) && (!isRepeated || list !== undefined),
  );
  const only = onlyOne(file, columns);
  const named = (name: string) =>
    only(
      name,
      usable.filter((one) => nameOf(one) === name),
    );
  const names = wanted === undefined ? [...usualLabels, ...onlyOf(withClasses), ...otherLabels] : [wanted];
  const column = names.map(named).find((one) => one !== undefined);
  if (column !== undefined) return column;
  const reason =
    wanted === undefined
      ? `has no column of classes (expected integers or texts called ${usualLabels.join(' or ')}; labelColumn chooses one)`
      : `has no integers or texts in the column ${wanted} (labelColumn)`;
  throw noColumn(file, columns, reason);
}

/** Of columns that have one name, the only one; undefined where there is none. */
const onlyOne =
  (file: ParquetFile, columns: readonly Column[]) =>
  (name: string, [column, second]: readonly Column[]): Column | undefined => {
    if (second === undefined) return column;
    throw noColumn(file, columns, `has several columns called ${name}`);
  };

const onlyOf = (names: readonly string[]): readonly string[] => (names.length === 1 ? names : []);

const SHOWN_COLUMNS = 20;

function noColumn(file: ParquetFile, columns: readonly Column[], reason: string) {
  const names = columns.slice(0, SHOWN_COLUMNS).map((one) => `${nameOf(one)} (${typeInWords(one)})`);
  const more = columns.length > SHOWN_COLUMNS ? ', ...' : '';
  return file.refused('NO_COLUMN', `${reason}; its columns are: ${names.join(', ')}${more}`);
}

const typeInWords = ({ type, isText, isRepeated }: Column): string =>
  `${isRepeated ? 'lists of ' : ''}${isText ? 'texts' : type}`;
