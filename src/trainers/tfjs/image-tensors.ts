import type { Tensor4D } from '@tensorflow/tfjs';
import { ImageWidener } from '../../../backends/gpu/widen.ts';
import type { Batch } from '../../core/batch.ts';
import { imageShape, widenImages } from './batch-input.ts';
import type { Tensorflow } from './tensorflow.ts';

/** Batches' images as tensors [n, h, w, 3] of float32, read where they are if that is on the backend's GPU. */
export class ImageTensors {
  readonly #tensorflow: Tensorflow;
  readonly #widener: ImageWidener | undefined;

  constructor(tensorflow: Tensorflow) {
    this.#tensorflow = tensorflow;
    this.#widener = tensorflow.gpu && new ImageWidener(tensorflow.gpu);
  }

  /** How to make the tensor, to be called in the same `compute` as what reads it. */
  async fetch(batch: Batch): Promise<() => Tensor4D> {
    const { tf } = this.#tensorflow;
    const shape: [number, number, number, number] = [...imageShape(batch), 3];
    const inPlace = this.#widener && (await this.#inPlace(batch, this.#widener));
    if (inPlace) {
      // zeroCopy: tfjs reads the buffer itself, and leaves it as it is when the tensor is disposed
      return () => tf.tensor({ buffer: inPlace(), zeroCopy: true }, shape, 'float32') as Tensor4D;
    }
    const values = widenImages(batch, await batch.read());
    return () => tf.tensor4d(values, shape, 'float32');
  }

  close(): void {
    this.#widener?.close();
  }

  /** What gives the GPU's buffer of a batch that is on it, as float32 [n, h, w, 3]. */
  async #inPlace(batch: Batch, widener: ImageWidener): Promise<(() => GPUBuffer) | undefined> {
    const { buffer, shape, dtype, layout } = batch;
    if (buffer === undefined || !this.#tensorflow.gpu?.owns(buffer)) return undefined;
    if (dtype === 'float32' && layout === 'nhwc') return () => buffer;
    await widener.reserve(shape);
    return () => widener.widen({ buffer, shape, dtype, layout });
  }
}
