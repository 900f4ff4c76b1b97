import { centerCrop } from '../../operators/image/center-crop.ts';
import { normalize } from '../../operators/image/normalize.ts';
import { resize } from '../../operators/image/resize.ts';
import { applyOperators } from '../apply.ts';
import { DataError, fromErrorRecord, ParameterError } from '../core/errors.ts';
import type { RawImage } from '../core/image.ts';
import { sampleError } from '../core/sample-error.ts';
import { imageFiles } from '../datasets/folder/image-files.ts';
import { SampleReader, type WantedSample } from '../datasets/sample-reader.ts';
import { decodeOptions } from '../engine/plan/plan.ts';
import { decodeSource } from '../engine/rows/decode-source.ts';
import type { OnnxInfo } from '../export/read-onnx.ts';
import { evaluationPlan } from '../streams/recipe.ts';
import type { OnnxInput } from '../trainers/onnx/session.ts';

/** An image file as an ONNX file takes it. */
export interface OnnxImage {
  /** The image file's path. */
  readonly image: string;
  readonly input: OnnxInput;
}

/** Makes of an image file what an ONNX file takes: whatever that does not do itself is done here. */
export type MakeInput = (image: RawImage) => Promise<OnnxInput>;

/** Image files, decoded as an evaluation decodes them, one after the other. A bad one is a DataError that names it. */
export async function* onnxImages(
  images: readonly string[],
  info: OnnxInfo,
  makeInput: MakeInput,
): AsyncGenerator<OnnxImage, void, undefined> {
  const dataset = imageFiles(images);
  const decoding = decodeOptions(evaluationPlan(info));
  const reader = await SampleReader.open(dataset.reader);
  const inputAt = async (sample: WantedSample) => {
    try {
      return await makeInput(await decodeSource(await reader.read(sample), decoding));
    } catch (error) {
      throw fromErrorRecord(sampleError(error, sample));
    }
  };
  try {
    for (let index = 0; index < dataset.length; index++) {
      const sample = { key: dataset.key(index), locator: dataset.locator(index) };
      yield { image: sample.key, input: await inputAt(sample) };
    }
  } finally {
    await reader.close();
  }
}

/** How the input of a file is made. Throws a DataError where it says what no image can be made by. */
export function inputMaker(path: string, info: OnnxInfo): MakeInput {
  const { imageSize: size, shortSide, interpolation, mean, std } = info;
  try {
    const pixels = [resize({ shortSide, interpolation }), centerCrop(size)];
    const tensor = [...pixels, normalize({ mean, std, dtype: 'float32', layout: 'nchw' })];
    const makers: Record<OnnxInfo['input'], MakeInput> = {
      photo: async ({ data, width, height }) => ({ type: 'uint8', data, shape: [height, width, 3] }),
      pixels: async (image) => {
        const { data } = (await applyOperators(image, pixels)) as RawImage;
        return { type: 'uint8', data, shape: [1, size, size, 3] };
      },
      tensor: async (image) => {
        const { data } = (await applyOperators(image, tensor)) as { data: Float32Array };
        return { type: 'float32', data, shape: [1, 3, size, size] };
      },
    };
    return makers[info.input];
  } catch (cause) {
    if (!(cause instanceof ParameterError)) throw cause;
    throw new DataError('DAMAGED_ONNX', `${path}: its metadata cannot be: ${cause.message}`, { cause });
  }
}
