import { describe, expect, it } from 'vitest';
import { centerCrop } from '../../../operators/image/center-crop.ts';
import { resize } from '../../../operators/image/resize.ts';
import { applyOperators } from '../../../src/apply.ts';
import { evaluationImages } from '../../../src/export/evaluation-images.ts';
import { OnnxGraph } from '../../../src/export/onnx-graph.ts';
import { resizedCrop } from '../../../src/export/photo-input.ts';
import { noise } from '../../support/images.ts';
import { photoInput, runOnnx } from '../../support/onnx.ts';

/** A file that ends in the crop's pixels. */
function cropFile(imageSize: number, interpolation: 'bilinear' | 'bicubic'): Uint8Array {
  const onnx = new OnnxGraph();
  const photo = onnx.input('photo', 'uint8', ['height', 'width', 3]);
  const crop = resizedCrop(photo, onnx, evaluationImages({ imageSize, interpolation }));
  onnx.output(crop, 'uint8', [1, 3, imageSize, imageSize]);
  return onnx.encode({ name: 'crop', opset: 18, producer: { name: 'test', version: '1' }, metadata: {} });
}

/** [1, 3, h, w] as [h, w, 3]. */
const interleaved = (planes: Uint8Array): Uint8Array =>
  planes.map((_, i) => planes[(i % 3) * (planes.length / 3) + Math.floor(i / 3)] as number);

const largestDifference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] as number))), 0);

const sizes = [
  // smaller than the crop, and as small as can be
  ...[[1, 1], [1, 7], [7, 1], [2, 3], [63, 64]],
  // as large as the crop, and as the resized image; margins of odd numbers of pixels
  ...[[64, 64], [73, 73], [74, 200], [81, 109], [110, 82]],
  // Pillow resizes the height of a tall photo first
  ...[[75, 200], [300, 1000], [500, 333]],
  ...[[1, 500], [500, 2], [3000, 20]],
] as [width: number, height: number][]; // biome-ignore format: a table

describe.each(['bilinear', 'bicubic'] as const)('the resize and crop inside a file, %s', (interpolation) => {
  const file = cropFile(64, interpolation);
  const steps = [resize({ shortSide: 73, interpolation }), centerCrop(64)];

  it.each(sizes)("are at most a level off Pillow's of noise of %i x %i pixels", async (width, height) => {
    const image = noise({ width, height }, width * height);
    const { data: expected } = await applyOperators(image, steps);
    const { data, dims } = await runOnnx(file, photoInput(image));
    expect(dims).toEqual([1, 3, 64, 64]);
    expect(largestDifference(interleaved(data as Uint8Array), expected as Uint8Array)).toBeLessThanOrEqual(1);
  });
});

describe('the resize inside a file', () => {
  it.each([64, 65, 223, 224, 380])('has the short side of an evaluation at %i pixels', async (size) => {
    const { shortSide } = evaluationImages({ imageSize: size, interpolation: 'bilinear' });
    const steps = [resize({ shortSide, interpolation: 'bilinear' }), centerCrop(size)];
    const image = noise({ width: 401, height: 299 }, size);
    const { data: expected } = await applyOperators(image, steps);
    const { data } = await runOnnx(cropFile(size, 'bilinear'), photoInput(image));
    expect(largestDifference(interleaved(data as Uint8Array), expected as Uint8Array)).toBeLessThanOrEqual(1);
  });
});
