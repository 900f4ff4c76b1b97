import { type Tensor, type View, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { TensorExecutor } from '../../../backends/tensor-kernels/tensor-executor.ts';
import type { Batch } from '../../core/batch.ts';
import { TrainerError } from '../../core/errors.ts';
import type { TrainingSettings } from '../../core/trainer.ts';
import { inputNames, survivalName } from '../../graph/model-graph.ts';
import { paddedTo4 } from '../../graph/node.ts';
import { imageShape, targetsOf, widenImages } from '../recipe/batch-input.ts';
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

/** Gives a program a batch's targets, and the factors of what the step drops. */
export function provideTargets(
  executor: TensorExecutor,
  inputs: Inputs,
  batch: Batch,
  { survival, dropout }: Masks,
  { classes, settings }: { readonly classes: number; readonly settings: TrainingSettings },
): void {
  const write = (name: string, values: ArrayBufferView<ArrayBuffer>): void =>
    executor.write(viewOfInput(inputs, name), values);
  if (settings.loss === 'bce' || settings.classWeights !== undefined)
    write(inputNames.targets, paddedRows(targetsOf(batch, classes, settings), classes));
  else for (const [name, values] of labelsAndShares(batch)) write(name, values);
  for (const [block, factors] of survival) write(survivalName(block), factors.slice());
  if (dropout !== undefined) write(inputNames.dropout, dropout.slice());
}

/** What the cross-entropy's kernel makes targets of. */
const labelsAndShares = ({
  labels,
  mixing,
}: Batch): [name: string, values: ArrayBufferView<ArrayBuffer>][] => [
  [inputNames.labels, Uint32Array.from(labels)],
  [inputNames.partners, Uint32Array.from(mixing?.partnerLabels ?? labels)],
  [inputNames.shares, Float32Array.from(labels, (_, row) => mixing?.weights[row] ?? 1)],
];

/** Rows of so many values, each padded to a multiple of 4 by zeros. */
function paddedRows(values: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const padded = paddedTo4(length);
  const rows = values.length / length;
  const out = new Float32Array(rows * padded);
  for (let row = 0; row < rows; row++)
    out.set(values.subarray(row * length, (row + 1) * length), row * padded);
  return out;
}

const viewOfInput = (inputs: Inputs, name: string): View => viewOf(inputs.get(name) as Tensor);
