import { BINS, COUNTING_GROUPS } from '../kernels/statistics-lut/statistics-lut.wgsl.ts';
import type { EntryPoint } from './pipelines.ts';
import type { ProgramWords } from './program-words.ts';
import { dispatchesOf, type Slot, type SlotDispatch } from './schedule.ts';
import { appendTiles } from './tiles.ts';
import { shaderOf } from './wgsl/modules.ts';
import { BLOCK_WORDS, type DispatchRecord, dispatchFields, stepField } from './wgsl/steps.wgsl.ts';

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
  const count = BLOCK_WORDS * (1 + slots.flatMap(dispatchesOf).length);
  words.fill(words.reserve(count), count, 0);
}

/**
 * Writes what each dispatch works on: its list, and its block that says where that is.
 * @param stepsOf of each slot: the indices of its steps' records
 */
export function encodeDispatches(
  slots: readonly Slot[],
  stepsOf: readonly (readonly number[])[],
  words: ProgramWords,
): EncodedDispatches {
  const dispatches: EncodedDispatch[] = [];
  let binWords = 0;
  for (const [i, slot] of slots.entries()) {
    const all = stepsOf[i] as readonly number[];
    const measured = all.filter((step) => measures(step, words));
    for (const { entryPoint, covers } of dispatchesOf(slot)) {
      const { workgroups, ...list } = listOf[covers]({ all, measured }, words);
      const record: DispatchRecord = { ...list, bins: binWords };
      const block = BLOCK_WORDS * (1 + dispatches.length);
      words.set(
        block,
        dispatchFields.map((name) => record[name]),
      );
      dispatches.push({ entryPoint, workgroups });
    }
    binWords += BINS * measured.length;
  }
  return { dispatches, binWords };
}

/** Of a slot; and those of them that measure their input. */
interface Steps {
  readonly all: readonly number[];
  readonly measured: readonly number[];
}

type List = Omit<DispatchRecord, 'bins'> & Pick<EncodedDispatch, 'workgroups'>;

const measures = (step: number, words: ProgramWords): boolean =>
  shaderOf(words.get(step + stepField.opcode)).kernel.measuresInput;

/** Lists the tiles, or the images to measure, of these steps. */
const listOf: Readonly<Record<SlotDispatch['covers'], (steps: Steps, words: ProgramWords) => List>> = {
  between: ({ all }, words) => listTiles(all, stepField.betweenWidth, words),
  result: ({ all }, words) => listTiles(all, stepField.resultWidth, words),
  measured: ({ measured }, words) => listMeasured(measured, 1, words),
  partsOfMeasured: ({ measured }, words) => listMeasured(measured, COUNTING_GROUPS, words),
};

/** @param width field of the images' width; their height is the next */
function listTiles(steps: readonly number[], width: number, words: ProgramWords): List {
  const tiled = steps.map((step) => ({
    step,
    size: { width: words.get(step + width), height: words.get(step + width + 1) },
  }));
  const list = appendTiles(tiled, words);
  return { ...list, workgroups: list.count };
}

function listMeasured(steps: readonly number[], workgroupsEach: number, words: ProgramWords): List {
  return { tiles: words.append(steps), count: steps.length, workgroups: steps.length * workgroupsEach };
}
