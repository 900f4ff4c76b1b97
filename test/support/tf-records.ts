import { maskedCrc32c } from '../../src/datasets/tfrecord/crc32c.ts';

/** A feature: bytes, numbers or texts; a single one may stand alone. */
export type FeatureValue = Value | readonly Value[];
type Value = string | Uint8Array | number;

/** A TFRecord file of these examples. */
export const recordsOf = (examples: readonly Readonly<Record<string, FeatureValue>>[]): Buffer =>
  Buffer.concat(examples.map((example) => recordOf(exampleOf(example))));

/** A record of any bytes: their length, its checksum, they, theirs. */
export function recordOf(data: Uint8Array): Buffer {
  const record = Buffer.alloc(data.length + 16);
  record.writeBigUInt64LE(BigInt(data.length));
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return record;
}

/** A tf.train.Example. */
export const exampleOf = (features: Readonly<Record<string, FeatureValue>>): Buffer =>
  field(
    1,
    Buffer.concat(
      Object.entries(features).map(([name, value]) =>
        field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, featureOf(value))])),
      ),
    ),
  );

function featureOf(value: FeatureValue): Buffer {
  const values: readonly Value[] =
    typeof value === 'object' && !(value instanceof Uint8Array) ? value : [value as Value];
  const [first] = values;
  if (typeof first === 'number' && !Number.isInteger(first))
    return field(2, field(1, Buffer.from(Float32Array.from(values as number[]).buffer)));
  if (typeof first === 'number') return field(3, field(1, Buffer.concat((values as number[]).map(varint))));
  return field(
    1,
    Buffer.concat((values as (string | Uint8Array)[]).map((one) => field(1, Buffer.from(one as string)))),
  );
}

/** A field of bytes. */
export const field = (number: number, content: Uint8Array): Buffer =>
  Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);

/** Also of a number below zero, in 64 bits. */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
