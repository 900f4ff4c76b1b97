import type { EntryPoint } from './pipelines.ts';
import { type BatchImage, type DeviceStep, type PlannedImage, TABLE_AREA } from './plan-image.ts';
import type { ProgramWords } from './program-words.ts';
import { dispatchesOf, type Slot, type SlotDispatch } from './schedule.ts';
import { appendTiles } from './tiles.ts';
import { opcodeOf } from './wgsl/modules.ts';
import {
  BLOCK_WORDS,
  type DispatchRecord,
  dispatchFields,
  type StepRecord,
  stepFields,
} from './wgsl/steps.wgsl.ts';

/** Consecutive images of a batch that are processed together. */
export interface Group {
  readonly images: readonly PlannedImage[];
  /** Index of the first in the batch. */
  readonly first: number;
}

export interface Encoded {
  /** In order; each has its block in the program, the first behind the header. */
  readonly dispatches: readonly EncodedDispatch[];
  /** For each image: its first byte in the upload, and its result's first pixel in `pixels`. */
  readonly uploadAt: readonly number[];
  readonly resultAt: readonly number[];
  readonly uploadBytes: number;
  readonly pixelWords: number;
}

export interface EncodedDispatch {
  readonly entryPoint: EntryPoint;
  /** Workgroups that have something to do. */
  readonly count: number;
}

/** A step, and the index of its record in the program. */
interface EncodedStep {
  readonly at: number;
  readonly step: DeviceStep;
}

/** Writes the steps of a group and what each dispatch does of them; leaves room for the header. */
export function encodeSteps(group: Group, slots: readonly Slot[], words: ProgramWords): Encoded {
  words.clear();
  const dispatches = slots.flatMap((slot, i) =>
    dispatchesOf(slot).map((dispatch) => ({ ...dispatch, slot: i })),
  );
  words.reserve(BLOCK_WORDS * (1 + dispatches.length));
  const steps: EncodedStep[][] = slots.map(() => []);
  const uploadAt: number[] = [];
  const resultAt: number[] = [];
  let uploadBytes = 0;
  let pixelWords = 0;
  for (const planned of group.images) {
    const areas = placeAreas(planned.areas, pixelWords);
    for (const step of planned.steps) {
      const argumentsAt = words.append(argumentWords(step, words));
      const record = recordOf(step, planned.image, areas, uploadBytes, argumentsAt);
      (steps[step.slot] as EncodedStep[]).push({ at: words.append(inOrder(record)), step });
    }
    uploadAt.push(uploadBytes);
    resultAt.push(areas[planned.result.area] as number);
    uploadBytes += planned.uploadBytes;
    pixelWords += planned.pixelWords;
  }
  const encoded = dispatches.map(({ entryPoint, covers, slot }, i) => {
    const record = listOf[covers](steps[slot] as EncodedStep[], words);
    words.set(
      BLOCK_WORDS * (1 + i),
      dispatchFields.map((name) => record[name]),
    );
    return { entryPoint, count: record.count };
  });
  return { dispatches: encoded, uploadAt, resultAt, uploadBytes, pixelWords };
}

type ListOf = (steps: readonly EncodedStep[], words: ProgramWords) => DispatchRecord;

/** Writes what a dispatch of these steps works on. */
const listOf: Readonly<Record<SlotDispatch['covers'], ListOf>> = {
  between: (steps, words) =>
    appendTiles(
      steps.map(({ at, step }) => ({ step: at, size: step.betweenSize })),
      words,
    ),
  result: (steps, words) =>
    appendTiles(
      steps.map(({ at, step }) => ({ step: at, size: step.result })),
      words,
    ),
  measured: (steps, words) => {
    const measured = steps.filter(({ step }) => step.shader.kernel.measuresInput);
    return { tiles: words.append(measured.map(({ at }) => at)), count: measured.length };
  },
};

function placeAreas(areas: readonly number[], start: number): number[] {
  let at = start;
  return areas.map((words) => {
    const begin = at;
    at += words;
    return begin;
  });
}

/** Numbers as they are, tables as the index of their first word. */
function argumentWords({ shader, args }: DeviceStep, words: ProgramWords): number[] {
  return Object.keys(shader.layout).map((name) => {
    const value = args[name] as NonNullable<(typeof args)[string]>;
    return typeof value === 'number' ? value : words.append(value);
  });
}

function recordOf(
  step: DeviceStep,
  { stride }: BatchImage,
  areas: readonly number[],
  uploadAt: number,
  argumentsAt: number,
): StepRecord {
  const { shader, input, result, from, between, to } = step;
  return {
    opcode: opcodeOf(shader),
    arguments: argumentsAt,
    at: from === undefined ? uploadAt : (areas[from] as number),
    width: from === undefined ? (stride ?? input.width) : input.width,
    height: input.height,
    isUploaded: from === undefined ? 1 : 0,
    between: areas[between] as number,
    table: areas[TABLE_AREA] as number,
    result: areas[to] as number,
    resultWidth: result.width,
    resultHeight: result.height,
  };
}

const inOrder = (record: StepRecord): number[] => stepFields.map((name) => record[name]);
