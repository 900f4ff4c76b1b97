import * as ort from 'onnxruntime-web';
import type { RawImage } from '../../src/core/image.ts';

// the same bits on every machine
ort.env.wasm.numThreads = 1;

export type OnnxInput = ort.Tensor;

export const openOnnx = (file: Uint8Array): Promise<ort.InferenceSession> =>
  ort.InferenceSession.create(file, { executionProviders: ['wasm'] });

/** Runs an ONNX file in onnxruntime-web: its only output, of its only input. */
export async function runOnnx(file: Uint8Array, input: OnnxInput): Promise<ort.Tensor> {
  const session = await openOnnx(file);
  try {
    const [name = ''] = session.inputNames;
    const outputs = await session.run({ [name]: input });
    return outputs[session.outputNames[0] as string] as ort.Tensor;
  } finally {
    await session.release();
  }
}

/** The logits of a file. */
export const logitsOf = async (file: Uint8Array, input: OnnxInput): Promise<Float32Array> =>
  (await runOnnx(file, input)).data as Float32Array;

export const photoInput = ({ data, height, width }: RawImage): OnnxInput =>
  new ort.Tensor('uint8', data, [height, width, 3]);

/** Images of one size as uint8 [n, h, w, 3]. */
export function pixelsInput(images: readonly RawImage[]): OnnxInput {
  const [{ height, width }] = images as [RawImage];
  return new ort.Tensor('uint8', Buffer.concat(images.map(({ data }) => data)), [
    images.length,
    height,
    width,
    3,
  ]);
}

/** Values [n, h, w, 3] as [n, 3, h, w]. */
export function tensorInput(values: Float32Array, rows: number, size: number): OnnxInput {
  const planes = new Float32Array(values.length);
  const pixels = size * size;
  for (let i = 0; i < values.length; i++) {
    const [row, pixel, channel] = [Math.floor(i / 3 / pixels), Math.floor(i / 3) % pixels, i % 3];
    planes[(row * 3 + channel) * pixels + pixel] = values[i] as number;
  }
  return new ort.Tensor('float32', planes, [rows, 3, size, size]);
}
