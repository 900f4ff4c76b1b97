import { type Tensor, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { Batch } from '../../core/batch.ts';
import { TrainerError } from '../../core/errors.ts';
import { observe as observeKind } from '../../graph/kinds/observe.ts';
import { inputNames, modelGraph } from '../../graph/model-graph.ts';
import { channelsOf, isKind, paddedSizeOf, paddedTo4, type Shape } from '../../graph/node.ts';
import { sizeOf } from '../../models/parameters.ts';
import { widenImages } from '../recipe/batch-input.ts';
import { type BatchShape, shapeOfBatch } from './batch-inputs.ts';
import { type GraphSession, noNumbers } from './session.ts';
import { provideWeights } from './state.ts';

/** A batch is computed in pieces of rows whose observed values take no more. */
const MOST_BYTES = 256 * 2 ** 20;

type Hear = (point: string, values: Float32Array) => void;

/** Tells the values at points, unrounded, of a batch in evaluation. */
export async function observe(
  session: GraphSession,
  batch: Batch,
  points: readonly string[],
  hear: Hear,
  mostBytes = MOST_BYTES,
): Promise<void> {
  if (session.options.quantization === undefined) {
    const message = 'graph: observe: prepared without quantization, whose points are known';
    throw new TrainerError('NOT_QUANTIZED', message);
  }
  const shape: BatchShape = { ...shapeOfBatch(batch), images: 'f32' };
  const images = widenImages(batch, await batch.read());
  const shapes = shapesOfPoints(session, { ...shape, rows: 1 }, points);
  const bytes = [...shapes.values()].reduce((sum, one) => sum + 4 * paddedSizeOf(one), 0);
  const most = Math.max(1, Math.floor(mostBytes / bytes));
  const sample = images.length / shape.rows;
  for (let first = 0; first < shape.rows; first += most) {
    const rows = Math.min(most, shape.rows - first);
    const piece = images.subarray(first * sample, (first + rows) * sample);
    await observePiece(session, { ...shape, rows }, piece, shapes, hear);
  }
}

/** Shapes of the points' values, of one image. */
function shapesOfPoints({ model }: GraphSession, shape: BatchShape, points: readonly string[]) {
  const { nodes } = modelGraph(model, { ...shape, observed: points }).graph;
  return new Map(
    nodes.filter((node) => isKind(node, observeKind)).map(({ name, shape: one }) => [name, one]),
  );
}

async function observePiece(
  session: GraphSession,
  shape: BatchShape,
  images: Float32Array,
  shapes: ReadonlyMap<string, Shape>,
  hear: Hear,
): Promise<void> {
  const { executor } = session;
  const { program, prepared } = await session.observationOf(shape, [...shapes.keys()]);
  provideWeights(session);
  const input = program.inputs.get(inputNames.images) as Tensor;
  executor.lend(input, undefined);
  await executor.send(viewOf(input), images);
  executor.run(prepared, ['evaluate'], noNumbers, session.commandBuffers);
  for (const [point, view] of program.observed) {
    const [values] = await executor.read([view]);
    hear(
      point,
      withoutPadding(new Float32Array(values as ArrayBuffer), shapes.get(point) as Shape, shape.rows),
    );
  }
}

/** Images are padded at their end, others in each row. */
function withoutPadding(values: Float32Array, shape: Shape, rows: number): Float32Array {
  const size = rows * sizeOf(shape);
  const [channels, width] = [channelsOf(shape), paddedTo4(channelsOf(shape))];
  if (values.length === size || values.length < rows * paddedSizeOf(shape)) return values.subarray(0, size);
  const dense = new Float32Array(size);
  for (let row = 0; row * channels < size; row++)
    dense.set(values.subarray(row * width, row * width + channels), row * channels);
  return dense;
}
