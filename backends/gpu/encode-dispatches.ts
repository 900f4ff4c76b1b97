import type { Size } from '../../src/core/image.ts';
import { BINS, COUNTING_GROUPS } from '../kernels/statistics-lut/statistics-lut.wgsl.ts';
import type { EntryPoint } from './pipelines.ts';
import type { ProgramWords } from './program-words.ts';
import { dispatchesOf, type Slot, type SlotDispatch } from './schedule.ts';
import { appendTiles } from './tiles.ts';
import { BLOCK_WORDS, type DispatchRecord, dispatchFields } from './wgsl/steps.wgsl.ts';

/** What dispatches need to know of an image's step in a slot. */
export interface SlotStep {
  /** The index of its record in the program. */
  readonly at: number;
  /** Of the image between two passes, and of the result. */
  readonly between: Size;
  readonly result: Size;
  readonly measures: boolean;
}

export interface EncodedDispatch {
  readonly entryPoint: EntryPoint;
  /** Workgroups that have something to do. */
  readonly workgroups: number;
}

export interface EncodedDispatches {
  /** In order; each has its block in the program, the first behind the header. */
  readonly dispatches: readonly EncodedDispatch[];
  /** Words that images are measured into. */
  readonly binWords: number;
}

/** Room for the header and for the blocks of these slots' dispatches, at the beginning of a program. */
export function reserveBlocks(slots: readonly Slot[], words: ProgramWords): void {
  words.reserve(BLOCK_WORDS * (1 + slots.flatMap(dispatchesOf).length));
}

/** Writes what each dispatch works on: its list, and its block that says where that is. */
export function encodeDispatches(
  slots: readonly Slot[],
  stepsOf: readonly (readonly SlotStep[])[],
  words: ProgramWords,
): EncodedDispatches {
  const dispatches: EncodedDispatch[] = [];
  let binWords = 0;
  for (const [i, slot] of slots.entries()) {
    const steps = stepsOf[i] as readonly SlotStep[];
    for (const { entryPoint, covers } of dispatchesOf(slot)) {
      const { workgroups, ...list } = listOf[covers](steps, words);
      const record: DispatchRecord = { ...list, bins: binWords };
      const block = BLOCK_WORDS * (1 + dispatches.length);
      words.set(
        block,
        dispatchFields.map((name) => record[name]),
      );
      dispatches.push({ entryPoint, workgroups });
    }
    binWords += BINS * steps.filter(({ measures }) => measures).length;
  }
  return { dispatches, binWords };
}

type List = Omit<DispatchRecord, 'bins'> & Pick<EncodedDispatch, 'workgroups'>;

/** Lists the tiles, or the images to measure, of these steps. */
const listOf: Readonly<
  Record<SlotDispatch['covers'], (steps: readonly SlotStep[], words: ProgramWords) => List>
> = {
  between: (steps, words) => listTiles(steps, ({ between }) => between, words),
  result: (steps, words) => listTiles(steps, ({ result }) => result, words),
  measured: (steps, words) => listMeasured(steps, 1, words),
  partsOfMeasured: (steps, words) => listMeasured(steps, COUNTING_GROUPS, words),
};

function listTiles(steps: readonly SlotStep[], sizeOf: (step: SlotStep) => Size, words: ProgramWords): List {
  const tiled = steps.map((step) => ({ step: step.at, size: sizeOf(step) }));
  const list = appendTiles(tiled, words);
  return { ...list, workgroups: list.count };
}

function listMeasured(steps: readonly SlotStep[], workgroupsEach: number, words: ProgramWords): List {
  const measured = steps.filter(({ measures }) => measures).map(({ at }) => at);
  const { length: count } = measured;
  return { tiles: words.append(measured), count, workgroups: count * workgroupsEach };
}
