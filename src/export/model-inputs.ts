import type { EvaluationImages } from './evaluation-images.ts';
import { castTo, type OnnxGraph } from './onnx-graph.ts';
import { resizedCrop } from './photo-input.ts';

/** What the file takes: one photo of any size, pixels of the model's size, or numbers that are normalised already. */
export const modelInputs = ['photo', 'pixels', 'tensor'] as const;
export type ModelInput = (typeof modelInputs)[number];

/** A photo's antialiased resize came with opset 18. */
export const opsetOf = (input: ModelInput): number => (input === 'photo' ? 18 : 17);

/** An input or output of the file. A size that is a name is any. */
export interface ModelValue {
  readonly name: string;
  readonly type: 'float32' | 'uint8';
  readonly shape: readonly (number | string)[];
}

export function inputValue(input: ModelInput, size: number): ModelValue {
  const shapes = {
    photo: ['height', 'width', 3],
    pixels: ['batch', size, size, 3],
    tensor: ['batch', 3, size, size],
  };
  return { name: input, type: input === 'tensor' ? 'float32' : 'uint8', shape: shapes[input] };
}

/** A photo is alone. */
export const outputValue = (input: ModelInput, classes: number): ModelValue => ({
  name: 'logits',
  type: 'float32',
  shape: [input === 'photo' ? 1 : 'batch', classes],
});

/** Adds the graph's input; gives the value of the model's images, float32 [n, 3, size, size]. */
export function addInput(input: ModelInput, onnx: OnnxGraph, images: EvaluationImages): string {
  const { name, type, shape } = inputValue(input, images.size);
  const value = onnx.input(name, type, shape);
  if (input === 'tensor') return value;
  const planes =
    input === 'photo'
      ? resizedCrop(value, onnx, images)
      : onnx.node('Transpose', [value], 'pixels.planes', { perm: [0, 3, 1, 2] });
  return normalized(planes, onnx, images);
}

/** (pixel - 255 mean) / (255 std). */
function normalized(pixels: string, onnx: OnnxGraph, { mean, std }: EvaluationImages): string {
  const perChannel = (name: string, values: readonly number[]): string =>
    onnx.constant(
      name,
      [1, 3, 1, 1],
      Float32Array.from(values, (value) => 255 * value),
    );
  const numbers = onnx.node('Cast', [pixels], 'images.numbers', castTo('float32'));
  const centred = onnx.node('Sub', [numbers, perChannel('images.mean', mean)], 'images.centred');
  return onnx.node('Div', [centred, perChannel('images.std', std)], 'images');
}
