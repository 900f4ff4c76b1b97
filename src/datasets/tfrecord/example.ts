import { type Bytes, type Range, WireError, type WireField, WireReader } from '../wire-reader.ts';

/** A feature of a tf.train.Example: where its list of values is. */
export interface Feature extends Range {
  readonly kind: 'bytes' | 'floats' | 'integers';
}

/** By the number of their field in tf.train.Feature. */
const kinds = [undefined, 'bytes', 'floats', 'integers'] as const;

/** The features of a tf.train.Example whose names are wanted. Values are passed over, as an image is large. */
export function featuresOf(
  bytes: Bytes,
  example: Range,
  isWanted: (name: string) => boolean,
): Map<string, Feature> {
  const features = new Map<string, Feature>();
  for (const list of fieldsOf(bytes, example, 1))
    for (const entry of fieldsOf(bytes, list, 1)) {
      const [name, value] = readEntry(bytes, entry, isWanted);
      const feature = value && kindOf(bytes, value);
      if (feature !== undefined) features.set(name, feature);
    }
  return features;
}

const MAX_NAME_BYTES = 1024;

/** An entry of the map from names to features: key and value. */
function readEntry(
  bytes: Bytes,
  entry: Range,
  isWanted: (name: string) => boolean,
): [name: string, value: Range | undefined] {
  let name = '';
  let value: Range | undefined;
  const reader = new WireReader(bytes, entry);
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field.number === 1) name = textOf(bytes, field, MAX_NAME_BYTES) ?? '';
    else if (field.number === 2) value = field;
    // most features are of no use: to look at their values would read more of the file
    if (value === undefined && name !== '' && !isWanted(name)) break;
  }
  return [name, isWanted(name) ? value : undefined];
}

function kindOf(bytes: Bytes, value: Range): Feature | undefined {
  const field = new WireReader(bytes, value).next();
  const kind = field && kinds[field.number];
  return kind === undefined
    ? undefined
    : { kind, start: (field as WireField).start, end: (field as WireField).end };
}

/** Where the values of a feature of bytes are, but of no more than `limit`. */
export function valuesOf(bytes: Bytes, feature: Feature, limit: number): Range[] {
  const values: Range[] = [];
  for (const value of fieldsOf(bytes, feature, 1)) if (values.push(value) === limit) break;
  return values;
}

/** The values of a feature of integers, but no more than `limit`. */
export function integersOf(bytes: Bytes, feature: Feature, limit: number): number[] {
  const values: number[] = [];
  const reader = new WireReader(bytes, feature);
  for (let field = reader.next(); field !== undefined && values.length < limit; field = reader.next()) {
    if (field.number !== 1) continue;
    if (field.varint !== undefined) values.push(field.varint);
    else for (const value of new WireReader(bytes, field).varints()) if (values.push(value) === limit) break;
  }
  return values;
}

/** The bytes of a range; undefined where there are more than `limit`. Valid until the next view. */
export function bytesIn(bytes: Bytes, { start, end }: Range, limit: number): Buffer | undefined {
  return end - start > limit ? undefined : bytes.view(start, end - start);
}

const textOf = (bytes: Bytes, range: Range, limit: number): string | undefined =>
  bytesIn(bytes, range, limit)?.toString();

/** The fields of a message that have this number and are messages or bytes. */
function* fieldsOf(bytes: Bytes, message: Range, number: number): Generator<WireField> {
  const reader = new WireReader(bytes, message);
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field.number !== number) continue;
    if (field.varint !== undefined) throw new WireError(`field ${number} at byte ${field.start} is a number`);
    yield field;
  }
}
