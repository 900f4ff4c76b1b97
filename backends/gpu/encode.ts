import {
  type EncodedDispatches,
  encodeDispatches,
  reserveBlocks,
  type SlotStep,
} from './encode-dispatches.ts';
import { type BatchImage, type DeviceStep, type PlannedImage, TABLE_AREA } from './plan-image.ts';
import type { ProgramWords } from './program-words.ts';
import type { Slot } from './schedule.ts';
import { opcodeOf } from './wgsl/modules.ts';
import { type StepRecord, stepFields } from './wgsl/steps.wgsl.ts';

/** Consecutive images of a batch that are processed together. */
export interface Group {
  readonly images: readonly PlannedImage[];
  /** Index of the first in the batch. */
  readonly first: number;
}

export interface Encoded extends EncodedDispatches {
  /** For each image: its first byte in the upload, and its result's first pixel in `pixels`. */
  readonly uploadAt: readonly number[];
  readonly resultAt: readonly number[];
  readonly uploadBytes: number;
  readonly pixelWords: number;
}

/** Writes the steps of a group and what each dispatch does of them; leaves room for the header. */
export function encodeSteps(group: Group, slots: readonly Slot[], words: ProgramWords): Encoded {
  words.clear();
  reserveBlocks(slots, words);
  const stepsOf: SlotStep[][] = slots.map(() => []);
  const uploadAt: number[] = [];
  const resultAt: number[] = [];
  let uploadBytes = 0;
  let pixelWords = 0;
  for (const planned of group.images) {
    const areas = placeAreas(planned.areas, pixelWords);
    for (const step of planned.steps) {
      const argumentsAt = words.append(argumentWords(step, words));
      const at = words.append(inOrder(recordOf(step, planned.image, areas, uploadBytes, argumentsAt)));
      const { betweenSize: between, result, shader } = step;
      (stepsOf[step.slot] as SlotStep[]).push({ at, between, result, measures: shader.kernel.measuresInput });
    }
    uploadAt.push(uploadBytes);
    resultAt.push(areas[planned.result.area] as number);
    uploadBytes += planned.uploadBytes;
    pixelWords += planned.pixelWords;
  }
  return { ...encodeDispatches(slots, stepsOf, words), uploadAt, resultAt, uploadBytes, pixelWords };
}

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
