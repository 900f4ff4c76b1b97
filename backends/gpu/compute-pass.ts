import type { Extent } from './encode.ts';
import type { EntryPoint, Pipelines } from './pipelines.ts';
import type { Slot } from './schedule.ts';
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
}

/** Encodes all dispatches of a group; returns how many. WebGPU has each wait for those before. */
export function encodePass(
  encoder: GPUCommandEncoder,
  { entryPoints }: Pipelines,
  work: ImagesWork,
  tensor: TensorWork | undefined,
): number {
  const pass = encoder.beginComputePass();
  let dispatches = 0;
  const dispatch = (name: EntryPoint, ...groups: [x: number, y: number, z: number]) => {
    pass.setPipeline(entryPoints[name]);
    pass.dispatchWorkgroups(...groups);
    dispatches++;
  };
  // a slot in which no image has a call is dispatched all the same
  const tiles = ({ width, height }: Extent['result']): [number, number, number] => [
    Math.max(1, Math.ceil(width / TILE.width)),
    Math.max(1, Math.ceil(height / TILE.height)),
    work.images,
  ];
  for (const [slot, { kind, measures }] of work.slots.entries()) {
    const { between, result } = work.extents[slot] as Extent;
    pass.setBindGroup(0, work.buffers, [slot * SLOT_STRIDE]);
    if (kind === 'resample') {
      dispatch('resampleFirst', ...tiles(between));
      dispatch('resampleSecond', ...tiles(result));
    } else {
      if (measures) dispatch('measureImages', work.images, 1, 1);
      dispatch('apply', ...tiles(result));
    }
  }
  if (tensor !== undefined) {
    pass.setBindGroup(1, tensor.buffers);
    dispatch('finish', ...runs(tensor.words));
  }
  pass.end();
  return dispatches;
}

/** Workgroups for a run of words, in two dimensions: one holds 65,535 at most. */
function runs(words: number): [number, number, number] {
  const groups = Math.ceil(words / RUN);
  const rows = Math.ceil(groups / 65_535);
  return [Math.ceil(groups / rows), rows, 1];
}
