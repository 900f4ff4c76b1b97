import type { DispatchTimer } from './dispatch-timer.ts';
import type { EncodedDispatch } from './encode-dispatches.ts';
import type { EncodedFinish } from './encode-finish.ts';
import { type EntryPoint, type Pipelines, writesTensor } from './pipelines.ts';
import { BLOCK_WORDS, RUN } from './wgsl/steps.wgsl.ts';

/** One group's images: what its dispatches read and what each does. */
export interface ImagesWork {
  readonly buffers: GPUBindGroup;
  readonly images: number;
  readonly dispatches: readonly EncodedDispatch[];
  /** What is zero before the first. */
  readonly bins: { readonly buffer: GPUBuffer; readonly bytes: number };
}

export interface TensorWork extends EncodedFinish {
  readonly buffers: GPUBindGroup;
  readonly pixelsOfRow: number;
}

interface Dispatch {
  readonly entryPoint: EntryPoint;
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** Of the block in the program that it reads first. */
  readonly block: number;
}

const BLOCK_BYTES = BLOCK_WORDS * 4;

/**
 * Encodes all dispatches of a group; returns how many. WebGPU has each wait for those before. They can be done again: they read
 * what was uploaded, and write over what they made of it.
 */
export function encodePass(
  encoder: GPUCommandEncoder,
  pipelines: Pipelines,
  work: ImagesWork,
  tensor: TensorWork | undefined,
  timer: DispatchTimer | undefined,
): number {
  const dispatches = allDispatches(work, tensor);
  const repeats = timer?.repeats ?? 1;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const { buffer, bytes } = work.bins;
    if (bytes > 0) encoder.clearBuffer(buffer, 0, bytes);
    encodeOnce(encoder, pipelines, dispatches, work, tensor, timer);
  }
  return repeats * dispatches.length;
}

function encodeOnce(
  encoder: GPUCommandEncoder,
  { entryPoints }: Pipelines,
  dispatches: readonly Dispatch[],
  work: ImagesWork,
  tensor: TensorWork | undefined,
  timer: DispatchTimer | undefined,
): void {
  const shared = timer === undefined ? encoder.beginComputePass() : undefined;
  for (const { entryPoint, workgroups, block } of dispatches) {
    const pass = shared ?? (timer as DispatchTimer).beginPass(encoder, entryPoint);
    pass.setPipeline(entryPoints[entryPoint]);
    pass.setBindGroup(0, work.buffers, [block * BLOCK_BYTES]);
    if (writesTensor(entryPoint)) pass.setBindGroup(1, (tensor as TensorWork).buffers);
    pass.dispatchWorkgroups(...workgroups);
    if (pass !== shared) pass.end();
  }
  shared?.end();
}

/** A slot in which no image has a call is dispatched all the same. */
function allDispatches({ images, dispatches }: ImagesWork, tensor: TensorWork | undefined): Dispatch[] {
  const ofSlots = dispatches.map(({ entryPoint, workgroups }, i): Dispatch => {
    return { entryPoint, workgroups: grid(Math.max(1, workgroups)), block: 1 + i };
  });
  return tensor === undefined ? ofSlots : [...ofSlots, finishOf(tensor, images)];
}

function finishOf({ pixelsOfRow, words, isErased }: TensorWork, rows: number): Dispatch {
  if (pixelsOfRow % 2 === 1)
    return { entryPoint: 'finishOdd', workgroups: grid(Math.ceil(words / RUN)), block: 0 };
  const entryPoint = isErased ? 'finishErased' : 'finish';
  return { entryPoint, workgroups: [Math.ceil(pixelsOfRow / 2 / RUN), rows, 1], block: 0 };
}

/** Workgroups in two dimensions: one holds 65,535 at most. */
function grid(count: number): Dispatch['workgroups'] {
  const rows = Math.ceil(count / 65_535);
  return [Math.ceil(count / rows), rows, 1];
}
