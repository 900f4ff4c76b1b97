/** A field of a message: its number and, where it has one of these kinds, its value. An integer beyond 2^53 is rounded. */
export interface Field {
  readonly number: number;
  readonly value: number | Uint8Array | undefined;
}

/** Bytes of an integer of 64 bits. */
const LONGEST_VARINT = 10;
const MOST_NUMBER = 2 ** 29 - 1;

/**
 * The fields of a message in protobuf's wire format, one after the other: whatever the bytes are, no field is kept, and each
 * byte is looked at once at most. Throws a RangeError where they are no message.
 * https://protobuf.dev/programming-guides/encoding/
 */
export function* fieldsOf(message: Uint8Array): Generator<Field, void, undefined> {
  const cursor = { message, position: 0 };
  while (cursor.position < message.length) {
    const key = readVarint(cursor);
    const number = Math.floor(key / 8);
    if (number < 1 || number > MOST_NUMBER) throw new RangeError(`byte ${cursor.position}: no field`);
    yield { number, value: readValue(cursor, key % 8) };
  }
}

interface Cursor {
  readonly message: Uint8Array;
  position: number;
}

/** Kinds 3 and 4 are those of groups, which are out of use. */
function readValue(cursor: Cursor, kind: number): Field['value'] {
  if (kind === 0) return readVarint(cursor);
  if (kind === 2) return take(cursor, readVarint(cursor));
  if (kind !== 1 && kind !== 5) throw new RangeError(`byte ${cursor.position}: no field is of kind ${kind}`);
  take(cursor, kind === 1 ? 8 : 4);
  return undefined;
}

function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let place = 0; place < LONGEST_VARINT; place++) {
    const byte = cursor.message[cursor.position];
    if (byte === undefined) throw cutOff(cursor, 1);
    cursor.position++;
    value += (byte & 127) * 2 ** (7 * place);
    if (byte < 128) return value;
  }
  throw new RangeError(`byte ${cursor.position}: an integer of more than ${LONGEST_VARINT} bytes`);
}

function take(cursor: Cursor, length: number): Uint8Array {
  const { message, position } = cursor;
  if (length > message.length - position) throw cutOff(cursor, length);
  cursor.position += length;
  return message.subarray(position, cursor.position);
}

const cutOff = ({ message, position }: Cursor, length: number): RangeError =>
  new RangeError(`${length} more bytes were announced at byte ${position} of ${message.length}`);
