import { bytes, type Fields, float, integer, integers, join, message, text } from './protobuf.ts';

// numbers of fields and types: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3

const dataTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
type DataType = keyof typeof dataTypes;

/** A size, or the name of one that each run decides. */
type Dimension = number | string;

/** Numbers are integers, but for those that are said to be floats. */
type Attribute = number | string | readonly number[] | { readonly float: number };

/** `Cast` takes types as numbers. */
export const castTo = (type: DataType): { readonly to: number } => ({ to: dataTypes[type] });

type Numbers = Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;

export interface OnnxModel {
  readonly name: string;
  /** Version of the set of operators. */
  readonly opset: number;
  readonly producer: { readonly name: string; readonly version: string };
  readonly metadata: Readonly<Record<string, string>>;
}

/** The version of the format that opset 17 and 18 came with, or an earlier one: all runtimes since 2022 read it. */
const irVersion = 8;

/** An ONNX graph that grows node by node. Each call gives the name of a value. */
export class OnnxGraph {
  readonly #nodes: Fields[] = [];
  readonly #constants = new Map<string, Fields>();
  readonly #inputs: Fields[] = [];
  readonly #outputs: Fields[] = [];

  input(name: string, type: DataType, shape: readonly Dimension[]): string {
    this.#inputs.push(message(11, valueInfo(name, type, shape)));
    return name;
  }

  output(name: string, type: DataType, shape: readonly Dimension[]): void {
    this.#outputs.push(message(12, valueInfo(name, type, shape)));
  }

  /** A constant; that of a name which is there already stays. */
  constant(name: string, shape: readonly number[], data: Numbers): string {
    if (!this.#constants.has(name)) this.#constants.set(name, message(5, tensor(name, shape, data)));
    return name;
  }

  /** A node with one output, whose name is the node's too. An input of '' is left out. */
  node(
    type: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const named = Object.entries(attributes).map(([name, value]) => message(5, attribute(name, value)));
    const values = inputs.map((input) => text(1, input));
    this.#nodes.push(message(1, ...values, text(2, output), text(3, output), text(4, type), ...named));
    return output;
  }

  encode({ name, opset, producer, metadata }: OnnxModel): Uint8Array {
    const parts = [text(2, name), ...this.#constants.values(), ...this.#inputs, ...this.#outputs];
    const properties = Object.entries(metadata).map(([key, value]) =>
      message(14, text(1, key), text(2, value)),
    );
    return join([
      ...integer(1, irVersion),
      ...text(2, producer.name),
      ...text(3, producer.version),
      ...message(7, ...this.#nodes, ...parts),
      ...message(8, text(1, ''), integer(2, opset)),
      ...properties.flat(),
    ]);
  }
}

function valueInfo(name: string, type: DataType, shape: readonly Dimension[]): Fields {
  const dimensions = shape.map((size) =>
    message(1, typeof size === 'number' ? integer(1, size) : text(2, size)),
  );
  const tensorType = message(1, integer(1, dataTypes[type]), message(2, ...dimensions));
  return [...text(1, name), ...message(2, tensorType)];
}

/** The numbers are little-endian, as typed arrays are on all machines that Node runs on. */
function tensor(name: string, shape: readonly number[], data: Numbers): Fields {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [...integers(1, shape), ...integer(2, dataTypes[typeOf(data)]), ...text(8, name), ...bytes(9, raw)];
}

function typeOf(data: Numbers): DataType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Int8Array) return 'int8';
  return data instanceof Int32Array ? 'int32' : 'int64';
}

const attributeTypes = { float: 1, integer: 2, text: 3, integers: 7 } as const;

function attribute(name: string, value: Attribute): Fields {
  const as = (type: keyof typeof attributeTypes, content: Fields): Fields => [
    ...text(1, name),
    ...content,
    ...integer(20, attributeTypes[type]),
  ];
  if (typeof value === 'number') return as('integer', integer(3, value));
  if (typeof value === 'string') return as('text', text(4, value));
  return 'float' in value ? as('float', float(2, value.float)) : as('integers', integers(8, value));
}
