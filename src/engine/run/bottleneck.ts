import { type StageTimes, stageNames } from '../rows/task.ts';

/** Where a thread's time goes: the stages, and all the rest (headers, promises, reports). */
export const partNames = [...stageNames, 'other'] as const;
export type Part = (typeof partNames)[number];

/** What was measured over a while. Times in milliseconds. */
export interface Load {
  /** The while itself. */
  readonly wallMs: number;
  /** Threads that prepare rows; 0: the calling thread does. */
  readonly workers: number;
  /** Cores that this process may use. */
  readonly cores: number;
  /** Spent in tasks, summed over threads, and the part of it spent in each stage. */
  readonly busyMs: number;
  readonly stages: StageTimes;
  /** How long the consumer waited for batches. */
  readonly waitingMs: number;
  /** How long the GPU kept the next batch waiting; 0 without one. */
  readonly deviceMs: number;
  /** How long the calling thread ran: the consumer's own computing, handing out work, and rows where `workers` is 0. */
  readonly callingMs: number;
  /** Rows that threads prepared, and the pixels of the images that they read for them. */
  readonly rows: number;
  readonly sourcePixels: number;
}

/** Which side of a stream makes the other wait. All shares are 0..1. */
export interface Bottleneck {
  /** 'neither': both sides wait most of the time, for the source or for the calling thread; 'device': for the GPU. */
  readonly limit: 'threads' | 'consumer' | 'device' | 'neither';
  /** Of the time, batches waiting for the GPU. */
  readonly deviceBusy: number;
  /** Of the time that all threads have. */
  readonly threadsBusy: number;
  /** Of the time, the consumer waiting for batches. */
  readonly waiting: number;
  /** Of the time. */
  readonly callingThreadBusy: number;
  /** Of the threads' busy time; they add up to 1, or to 0 where no thread did anything. */
  readonly parts: Readonly<Record<Part, number>>;
  readonly cores: number;
  readonly idleCores: number;
  /** What one more worker would add to the images per second: 0.31 is 31 %. An estimate: cores may share caches. */
  readonly gainOfOneMore: number;
  /** Of the images that were read, on average; 0 where none was. */
  readonly pixelsPerImage: number;
  /** What copies of the images whose longer side is `SMALL_SIDE` would add, as above. */
  readonly gainOfSmallerImages: number;
}

/** Longer side of images that are large enough for crops of 224 pixels, and small enough to be decoded fast. */
export const SMALL_SIDE = 512;

export function bottleneck(load: Load): Bottleneck {
  const { wallMs, workers, cores } = load;
  const ofWall = (ms: number) => (wallMs > 0 ? Math.min(1, ms / wallMs) : 0);
  const threadsBusy = ofWall(load.busyMs / Math.max(1, workers));
  const waiting = ofWall(load.waitingMs);
  const callingThreadBusy = ofWall(load.callingMs);
  const usedCores = workers * threadsBusy + callingThreadBusy;
  const idleCores = Math.max(0, cores - usedCores);
  const deviceBusy = ofWall(load.deviceMs);
  const limit = limitOf(threadsBusy, 1 - waiting, deviceBusy);
  const gainOfOneMore = limit === 'threads' ? gain(workers, threadsBusy, 1 - waiting, idleCores) : 0;
  const parts = partsOf(load);
  const pixelsPerImage = load.rows > 0 ? load.sourcePixels / load.rows : 0;
  const ofSmaller = limit === 'threads' ? gainOfSmaller(pixelsPerImage, parts, 1 - waiting) : 0;
  return {
    limit,
    deviceBusy,
    threadsBusy,
    waiting,
    callingThreadBusy,
    parts,
    cores,
    idleCores,
    gainOfOneMore,
    pixelsPerImage,
    gainOfSmallerImages: ofSmaller,
  };
}

/** The side with the least time to spare, unless all have more than half of theirs. */
function limitOf(threadsBusy: number, consumerBusy: number, deviceBusy: number): Bottleneck['limit'] {
  if (Math.max(threadsBusy, consumerBusy, deviceBusy) < 0.5) return 'neither';
  if (deviceBusy > threadsBusy && deviceBusy > consumerBusy) return 'device';
  return threadsBusy >= consumerBusy ? 'threads' : 'consumer';
}

/** One more thread is as busy as the others, as far as cores are idle, and until the consumer never waits. */
function gain(workers: number, threadsBusy: number, consumerBusy: number, idleCores: number): number {
  // the first worker takes over what the calling thread did, and does it all the time
  const [now, added] = workers === 0 ? [threadsBusy, 1 - threadsBusy] : [workers * threadsBusy, threadsBusy];
  return Math.min(Math.min(added, idleCores) / now, 1 / consumerBusy - 1);
}

/**
 * Reading, decoding and the crop's resize take as long as there are pixels, until the consumer never waits. Smaller
 * images are taken to be 4 to 3, as cameras make them.
 */
function gainOfSmaller(pixelsPerImage: number, parts: Bottleneck['parts'], consumerBusy: number): number {
  if (pixelsPerImage === 0) return 0;
  const left = Math.min(1, (SMALL_SIDE * SMALL_SIDE * 0.75) / pixelsPerImage);
  const faster = 1 / (1 - (parts.read + parts.decode + parts.transform) * (1 - left));
  return Math.min(faster, 1 / consumerBusy) - 1;
}

function partsOf({ busyMs, stages }: Load): Record<Part, number> {
  const inStages = stageNames.reduce((sum, stage) => sum + stages[stage], 0);
  // clocks are read at different places: the stages may exceed the whole by a rounding error
  const total = Math.max(busyMs, inStages);
  const share = (ms: number) => (total > 0 ? ms / total : 0);
  const { read, draw, decode, transform, finish } = stages;
  return {
    read: share(read),
    draw: share(draw),
    decode: share(decode),
    transform: share(transform),
    finish: share(finish),
    other: share(total - inStages),
  };
}
