import { type Tensor, type View, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { TensorExecutor } from '../../../backends/tensor-kernels/tensor-executor.ts';
import type { Batch } from '../../core/batch.ts';
import { TrainerError } from '../../core/errors.ts';
import { inputNames, survivalName } from '../../graph/model-graph.ts';
import { checkedLabel, imageShape, widenImages } from '../recipe/batch-input.ts';
import type { Masks } from '../recipe/masks.ts';
import type { GraphDevice } from './devices/graph-device.ts';

/** A program is planned for batches of one shape, whose images have one type. */
export interface BatchShape {
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  readonly images: 'f16' | 'f32';
}

/** Throws where the batch is not what it says, before anything of it goes to the device. */
export function shapeOfBatch(batch: Batch): BatchShape {
  const [rows, height, width] = imageShape(batch);
  if (rows < 1 || rows * height * width * 3 !== valuesOf(batch))
    throw new TrainerError('BATCH_SHAPE', `expected rows of RGB images, got the shape ${batch.shape}`);
  if (batch.labels.length !== rows)
    throw new TrainerError('BATCH_SHAPE', `expected ${rows} labels, one per row, got ${batch.labels.length}`);
  const isHalf = batch.dtype === 'float16' && batch.layout === 'nhwc';
  return { rows, height, width, images: isHalf ? 'f16' : 'f32' };
}

const valuesOf = ({ shape }: Batch): number => shape.reduce((product, one) => product * one);

/** Inputs of a program, by name. */
type Inputs = ReadonlyMap<string, Tensor>;

/** Gives a program a batch's images: on this device they are read where they are, from elsewhere they are copied to it. */
export async function provideImages(
  executor: TensorExecutor,
  inputs: Inputs,
  batch: Batch,
  device: Pick<GraphDevice, 'owns'>,
): Promise<void> {
  const tensor = inputs.get(inputNames.images) as Tensor;
  const { buffer, bufferOffset, layout } = batch;
  const isHere = buffer !== undefined && layout === 'nhwc' && device.owns(buffer);
  executor.lend(tensor, isHere ? buffer : undefined, bufferOffset);
  if (isHere) return;
  const images = await batch.read();
  const expected = valuesOf(batch);
  if (images.length !== expected)
    throw new TrainerError('BATCH_SHAPE', `expected images of ${expected} values, got ${images.length}`);
  const isWidened = layout !== 'nhwc' || tensor.element === 'f32';
  await executor.send(viewOf(tensor), isWidened ? widenImages(batch, images) : images);
}

/** Throws where a row has no class of the model. */
export function checkTargets({ labels, mixing }: Batch, classes: number): void {
  for (let row = 0; row < labels.length; row++) {
    checkedLabel(labels, row, classes);
    if (mixing) checkedLabel(mixing.partnerLabels, row, classes);
  }
}

/** Gives a program a batch's targets, and the factors of what the step drops. */
export function provideTargets(
  executor: TensorExecutor,
  inputs: Inputs,
  { labels, mixing }: Batch,
  { survival, dropout }: Masks,
): void {
  const partners = mixing?.partnerLabels ?? labels;
  const write = (name: string, values: ArrayBufferView<ArrayBuffer>): void =>
    executor.write(viewOfInput(inputs, name), values);
  write(inputNames.labels, Uint32Array.from(labels));
  write(inputNames.partners, Uint32Array.from(partners));
  write(
    inputNames.shares,
    Float32Array.from(labels, (_, row) => mixing?.weights[row] ?? 1),
  );
  for (const [block, factors] of survival) write(survivalName(block), factors.slice());
  if (dropout !== undefined) write(inputNames.dropout, dropout.slice());
}

const viewOfInput = (inputs: Inputs, name: string): View => viewOf(inputs.get(name) as Tensor);
