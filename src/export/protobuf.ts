/**
 * Protobuf's wire format, as far as ONNX needs it: a message is its fields, each a key (number and kind) and a value.
 * https://protobuf.dev/programming-guides/encoding/
 */

/** Encoded fields, in pieces: large ones are not copied until the end. */
export type Fields = readonly Uint8Array[];

const kinds = { varint: 0, bytes: 2, float32: 5 } as const;

/** An integer of up to 64 bits, not negative. */
export const integer = (field: number, value: number): Fields => [key(field, 'varint'), varint(value)];

export const float = (field: number, value: number): Fields => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [key(field, 'float32'), bytes];
};

export const bytes = (field: number, value: Uint8Array): Fields => message(field, [value]);

export const text = (field: number, value: string): Fields => bytes(field, new TextEncoder().encode(value));

/** A list of integers in one field. */
export const integers = (field: number, values: readonly number[]): Fields =>
  message(field, values.map(varint));

/** A field that holds other fields. */
export const message = (field: number, ...parts: readonly Fields[]): Fields => {
  const content = parts.flat();
  return [key(field, 'bytes'), varint(lengthOf(content)), ...content];
};

export function join(fields: Fields): Uint8Array {
  const joined = new Uint8Array(lengthOf(fields));
  let position = 0;
  for (const piece of fields) {
    joined.set(piece, position);
    position += piece.length;
  }
  return joined;
}

const key = (field: number, kind: keyof typeof kinds): Uint8Array => varint(field * 8 + kinds[kind]);

const lengthOf = (pieces: readonly Uint8Array[]): number =>
  pieces.reduce((sum, { length }) => sum + length, 0);

/** Seven bits a byte, the lowest first; all bytes but the last have the top bit set. */
function varint(value: number): Uint8Array {
  const groups: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...groups, rest]);
    groups.push((rest % 128) + 128);
  }
}
