import type { Batch } from '../../core/batch.ts';
import { paddedTo4 } from '../../graph/node.ts';
import type { ParameterSet } from '../../graph/plan/parameter-plan.ts';
import { provideImages, shapeOfBatch } from './batch-inputs.ts';
import { type GraphSession, noNumbers } from './session.ts';
import { provideWeights } from './state.ts';

/** Logits [rows, classes] of a batch with running statistics; nothing is dropped. */
export async function computeLogits(
  session: GraphSession,
  batch: Batch,
  set: ParameterSet,
): Promise<Float32Array> {
  session.checkCalibrated();
  const shape = shapeOfBatch(batch);
  const { program, prepared } = await session.evaluationOf(shape, set);
  provideWeights(session);
  const { executor, device, model, exact } = session;
  exact?.provideMeans(program, shape);
  await provideImages(executor, program.inputs, batch, device);
  executor.run(prepared, ['evaluate'], noNumbers, session.commandBuffers);
  const [padded] = await executor.read([program.logits]);
  return withoutPadding(new Float32Array(padded as ArrayBuffer), model.classes);
}

function withoutPadding(padded: Float32Array, classes: number): Float32Array {
  const width = paddedTo4(classes);
  const rows = padded.length / width;
  const logits = new Float32Array(rows * classes);
  for (let row = 0; row < rows; row++)
    logits.set(padded.subarray(row * width, row * width + classes), row * classes);
  return logits;
}
