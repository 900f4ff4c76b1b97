import type { Tensor4D } from '@tensorflow/tfjs';
import type { Batch } from '../../core/batch.ts';
import { imageShape, widenImages } from '../recipe/batch-input.ts';
import type { Tensorflow } from './tensorflow.ts';
import { bytesOf } from './widen.ts';

/**
 * How to make a batch's images a tensor [n, h, w, 3] of float32, to be called in the same `compute` as what reads it.
 * Images on the backend's GPU are read where they are.
 */
export async function fetchImages(tensorflow: Tensorflow, batch: Batch): Promise<() => Tensor4D> {
  const { tf } = tensorflow;
  const shape: [number, number, number, number] = [...imageShape(batch), 3];
  const onGpu = await locateImages(tensorflow, batch);
  // zeroCopy: tfjs reads the buffer itself, and leaves it as it is when the tensor is disposed
  if (onGpu) return () => tf.tensor({ buffer: onGpu(), zeroCopy: true }, shape, 'float32') as Tensor4D;
  const values = widenImages(batch, await batch.read());
  return () => tf.tensor4d(values, shape, 'float32');
}

/** What gives a batch that is on the backend's GPU as a buffer of float32 [n, h, w, 3]. */
async function locateImages(
  { gpu, widener }: Tensorflow,
  { buffer, bufferOffset = 0, shape, dtype, layout }: Batch,
): Promise<(() => GPUBuffer) | undefined> {
  if (!buffer || !widener || !gpu?.owns(buffer)) return undefined;
  // tfjs takes whole buffers: a part of a batch is copied
  const isWhole = buffer.size === bytesOf({ shape, dtype });
  if (isWhole && dtype === 'float32' && layout === 'nhwc') return () => buffer;
  await widener.reserve(shape);
  return () => widener.widen({ buffer, bufferOffset, shape, dtype, layout });
}
