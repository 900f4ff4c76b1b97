/** What an ONNX file says of itself; its graph is left to runtimes. */
export interface OnnxFile {
  readonly irVersion: number;
  readonly producer: string;
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export function readOnnx(file: Uint8Array): OnnxFile {
  const fields = fieldsOf(file);
  const bytes = (field: number, of = fields): Uint8Array[] => of.get(field) as Uint8Array[];
  const text = (field: number, of = fields): string => Buffer.from(bytes(field, of)[0] ?? []).toString();
  const metadata = (bytes(14) ?? []).map(fieldsOf).map((entry) => [text(1, entry), text(2, entry)]);
  return {
    irVersion: fields.get(1)?.[0] as number,
    producer: `${text(2)} ${text(3)}`,
    opset: fieldsOf(bytes(8)[0] as Uint8Array).get(2)?.[0] as number,
    metadata: Object.fromEntries(metadata),
  };
}

/** The fields of a protobuf message, of varints and lengths alone. */
function fieldsOf(message: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const fields = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = (): number => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = message[at++] as number;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const number = varint();
    const value = key % 8 === 0 ? number : message.subarray(at, at + number);
    if (key % 8 !== 0) at += number;
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}
