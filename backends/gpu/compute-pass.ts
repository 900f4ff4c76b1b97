import type { Size } from '../../src/core/image.ts';
import type { DispatchTimer } from './dispatch-timer.ts';
import { type EntryPoint, type Pipelines, writesTensor } from './pipelines.ts';
import { dispatchesOf, type Extent, type Slot } from './schedule.ts';
import { RUN, TILE } from './wgsl/modules.ts';

/** Bytes from one slot's number to the next in the uniform buffer: the least that every device allows. */
export const SLOT_STRIDE = 256;

/** One group's images: what its dispatches read and how many threads they need. */
export interface ImagesWork {
  readonly buffers: GPUBindGroup;
  readonly images: number;
  readonly slots: readonly Slot[];
  readonly extents: readonly Extent[];
}

export interface TensorWork {
  readonly buffers: GPUBindGroup;
  readonly words: number;
  readonly pixelsOfRow: number;
}

interface Dispatch {
  readonly entryPoint: EntryPoint;
  readonly slot: number;
  readonly workgroups: readonly [x: number, y: number, z: number];
}

/** Encodes all dispatches of a group; returns how many. WebGPU has each wait for those before. */
export function encodePass(
  encoder: GPUCommandEncoder,
  { entryPoints }: Pipelines,
  work: ImagesWork,
  tensor: TensorWork | undefined,
  timer: DispatchTimer | undefined,
): number {
  const dispatches = allDispatches(work, tensor);
  const shared = timer === undefined ? encoder.beginComputePass() : undefined;
  for (const { entryPoint, slot, workgroups } of dispatches) {
    const pass = shared ?? (timer as DispatchTimer).beginPass(encoder, entryPoint);
    pass.setPipeline(entryPoints[entryPoint]);
    pass.setBindGroup(0, work.buffers, [slot * SLOT_STRIDE]);
    if (writesTensor(entryPoint)) pass.setBindGroup(1, (tensor as TensorWork).buffers);
    pass.dispatchWorkgroups(...workgroups);
    if (pass !== shared) pass.end();
  }
  shared?.end();
  return dispatches.length;
}

/** A slot in which no image has a call is dispatched all the same. */
function allDispatches({ images, slots, extents }: ImagesWork, tensor: TensorWork | undefined): Dispatch[] {
  const dispatches = slots.flatMap((of, slot) =>
    dispatchesOf(of).map(({ entryPoint, covers }): Dispatch => {
      const extent = extents[slot] as Extent;
      const workgroups = covers === 'calls' ? ([images, 1, 1] as const) : tiles(extent[covers], images);
      return { entryPoint, slot, workgroups };
    }),
  );
  return tensor === undefined ? dispatches : [...dispatches, finishOf(tensor, images)];
}

function finishOf({ pixelsOfRow, words }: TensorWork, rows: number): Dispatch {
  if (pixelsOfRow % 2 === 1) return { entryPoint: 'finishOdd', slot: 0, workgroups: runs(words) };
  return { entryPoint: 'finish', slot: 0, workgroups: [Math.ceil(pixelsOfRow / 2 / RUN), rows, 1] };
}

const tiles = ({ width, height }: Size, images: number): Dispatch['workgroups'] => [
  Math.max(1, Math.ceil(width / TILE.width)),
  Math.max(1, Math.ceil(height / TILE.height)),
  images,
];

/** Workgroups for a run of words, in two dimensions: one holds 65,535 at most. */
function runs(words: number): Dispatch['workgroups'] {
  const groups = Math.ceil(words / RUN);
  const rows = Math.ceil(groups / 65_535);
  return [Math.ceil(groups / rows), rows, 1];
}
