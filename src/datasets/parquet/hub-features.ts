import type { FileMetaData } from 'hyparquet';
import { reasonOf } from '../../core/errors.ts';
import type { ParquetFile } from './parquet-file.ts';

/** Under which the hub's `datasets` keeps what the columns are: JSON. */
const KEY = 'huggingface';

/** Class names by column, as the hub's `datasets` writes them: `{ info: { features: { label: { names: [...] } } } }`. */
export function classNamesIn(
  file: ParquetFile,
  metadata: FileMetaData,
): ReadonlyMap<string, readonly string[]> {
  const text = metadata.key_value_metadata?.find(({ key }) => key === KEY)?.value;
  const found = new Map<string, readonly string[]>();
  const features = text === undefined ? {} : Object(Object(parse(file, text)).info).features;
  for (const [column, feature] of Object.entries(Object(features))) {
    // of a list, that of its elements
    const element = Array.isArray(feature) ? feature[0] : (Object(feature).feature ?? feature);
    const { _type: type, names } = Object(element) as { readonly _type?: unknown; readonly names?: unknown };
    if (type === 'ClassLabel' && isTexts(names)) found.set(column, names);
  }
  return found;
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');

function parse(file: ParquetFile, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw file.damaged(`what it says of its columns (${KEY}) is not JSON: ${reasonOf(cause)}`, cause);
  }
}
