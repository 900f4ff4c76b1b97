import { type EncodedDispatches, encodeDispatches, reserveBlocks } from './encode-dispatches.ts';
import type { Group } from './groups.ts';
import { type ImagePlan, TABLE_WORDS, tableField } from './image-plan.ts';
import type { ProgramWords } from './program-words.ts';
import type { Resident } from './resident.ts';
import type { Schedule } from './schedule.ts';
import { stepField, stepFields } from './wgsl/steps.wgsl.ts';

export interface Encoded extends EncodedDispatches {
  /** For each image: its first byte in the upload, and its result's first pixel in `pixels`. */
  readonly uploadAt: readonly number[];
  readonly resultAt: readonly number[];
  readonly uploadBytes: number;
  readonly pixelWords: number;
}

/**
 * Writes the steps of a group and what each dispatch does of them; leaves room for the header. Images are planned already: here
 * they only learn where they and their tables are.
 */
export function encodeSteps(
  group: Group,
  schedule: Schedule,
  tables: Resident,
  words: ProgramWords,
): Encoded {
  words.clear();
  reserveBlocks(schedule.slots, words);
  const stepsOf: number[][] = schedule.slots.map(() => []);
  const uploadAt: number[] = [];
  const resultAt: number[] = [];
  let uploadBytes = 0;
  let pixelWords = 0;
  for (const { plan } of group.images) {
    const programAt = appendProgram(plan, tables, words);
    const places = { programAt, uploadAt: uploadBytes, pixelsAt: pixelWords };
    for (const [step, slot] of schedule.place(plan.shaders).entries()) {
      const record = programAt + step * stepFields.length;
      place(record, places, words);
      (stepsOf[slot] as number[]).push(record);
    }
    uploadAt.push(uploadBytes);
    resultAt.push(pixelWords + plan.resultAt);
    uploadBytes += plan.uploadBytes;
    pixelWords += plan.pixelWords;
  }
  return { ...encodeDispatches(schedule.slots, stepsOf, words), uploadAt, resultAt, uploadBytes, pixelWords };
}

/** Appends records and arguments of a plan, with the places of its tables; returns the index of the first record. */
function appendProgram(plan: ImagePlan, resident: Resident, words: ProgramWords): number {
  const { programAt, comingAt, tables } = plan;
  const at = words.append(plan.words.subarray(programAt, comingAt));
  let coming = comingAt;
  for (let i = 0; i < tables.count; i++) {
    const table = tables.at + i * TABLE_WORDS;
    words.setWord(at + plan.word(table + tableField.argument), resident.place(plan.words, table, coming));
    coming += plan.word(table + tableField.coming);
  }
  return at;
}

interface Places {
  readonly programAt: number;
  readonly uploadAt: number;
  readonly pixelsAt: number;
}

/** Tells a step where its image is. */
function place(record: number, { programAt, uploadAt, pixelsAt }: Places, words: ProgramWords): void {
  const isUploaded = words.get(record + stepField.isUploaded) === 1;
  words.add(record + stepField.arguments, programAt);
  words.add(record + stepField.at, isUploaded ? uploadAt : pixelsAt);
  words.add(record + stepField.between, pixelsAt);
  words.add(record + stepField.table, pixelsAt);
  words.add(record + stepField.result, pixelsAt);
}
