import { DataError } from '../core/errors.ts';
import { type Fail, MetadataValues } from './metadata-values.ts';
import { type ModelInput, modelInputs } from './model-inputs.ts';
import { fieldsOf } from './protobuf-fields.ts';

/** What a file of `millrace export` says of itself: how its input is made, and what its outputs mean. */
export interface OnnxInfo {
  /** Name of the model. */
  readonly model: string;
  readonly input: ModelInput;
  readonly classes: readonly string[];
  /** Whether an image may have several classes: the sigmoid of a logit is then a class's probability. */
  readonly isMultiLabel: boolean;
  /** Edge of the centre crop in pixels, and the shorter side before it. */
  readonly imageSize: number;
  readonly shortSide: number;
  readonly interpolation: 'bilinear' | 'bicubic';
  /** Of a pixel's red, green, blue, as shares of 255. */
  readonly mean: [number, number, number];
  readonly std: [number, number, number];
}

// numbers of fields: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
const modelFields = { graph: 7, metadata: 14 } as const;
const entryFields = { key: 1, value: 2 } as const;

/** Reads what an ONNX file says of itself. Only this is looked at, not its graph. `path` names the file in errors. */
export function readOnnx(path: string, file: Uint8Array): OnnxInfo {
  const fail: Fail = (reason, cause) => {
    throw new DataError('DAMAGED_ONNX', `${path}: not a readable ONNX file: ${reason}`, { cause });
  };
  const metadata = metadataOf(file, fail);
  if (!metadata.has('millrace')) throw notOurs(path);
  const values = new MetadataValues(metadata, fail);
  return {
    model: values.text('model'),
    input: values.oneOf('input', modelInputs),
    classes: values.texts('classes'),
    isMultiLabel: metadata.get('multiLabel') === 'true',
    imageSize: values.number('imageSize'),
    shortSide: values.number('shortSide'),
    interpolation: values.oneOf('interpolation', ['bilinear', 'bicubic']),
    mean: values.triple('mean'),
    std: values.triple('std'),
  };
}

/** Those that are read: others are not kept, however many there are. */
const names: ReadonlySet<string> = new Set<
  Exclude<keyof OnnxInfo, 'isMultiLabel'> | 'millrace' | 'multiLabel'
>([
  ...(['millrace', 'model', 'input', 'classes', 'multiLabel'] as const),
  ...(['imageSize', 'shortSide', 'interpolation', 'mean', 'std'] as const),
]);

function metadataOf(file: Uint8Array, fail: Fail): Map<string, string> {
  const metadata = new Map<string, string>();
  let hasGraph = false;
  try {
    for (const { number, value } of fieldsOf(file)) {
      if (!(value instanceof Uint8Array)) continue;
      if (number === modelFields.graph) hasGraph = true;
      if (number !== modelFields.metadata) continue;
      const [name, text] = entryOf(value);
      if (names.has(name)) metadata.set(name, text);
    }
  } catch (cause) {
    // what is no message, and what is no UTF-8
    if (!(cause instanceof RangeError || cause instanceof TypeError)) throw cause;
    return fail(cause.message, cause);
  }
  return hasGraph ? metadata : fail('it has no graph');
}

function entryOf(message: Uint8Array): [name: string, value: string] {
  let [name, text] = ['', ''];
  for (const { number, value } of fieldsOf(message)) {
    if (!(value instanceof Uint8Array)) continue;
    if (number === entryFields.key) name = textOf(value);
    if (number === entryFields.value) text = textOf(value);
  }
  return [name, text];
}

const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

const notOurs = (path: string): DataError =>
  new DataError(
    'NOT_OUR_ONNX',
    `${path}: an ONNX file that millrace export did not write: it does not say its classes and how images are made for it`,
  );
