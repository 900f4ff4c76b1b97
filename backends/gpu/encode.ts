import { bytesPerElement, type Size, type TensorFormat } from '../../src/core/image.ts';
import { mixWords, normalizeWords } from '../kernels/finish/finish.wgsl.ts';
import type { ResidentTables } from '../kernels/shader.ts';
import { type BatchImage, type DeviceStep, type PlannedImage, TABLE_AREA } from './plan-image.ts';
import type { ProgramWords } from './program-words.ts';
import type { Extent, Slot } from './schedule.ts';
import { opcodeOf } from './wgsl/modules.ts';
import { HEADER_WORDS, header, type StepRecord, stepFields } from './wgsl/steps.wgsl.ts';

/** Consecutive images of a batch that are processed together. */
export interface Group {
  readonly images: readonly PlannedImage[];
  /** Index of the first in the batch. */
  readonly first: number;
}

export interface Encoded {
  readonly extents: readonly Extent[];
  /** For each image: its first byte in the upload, and its result's first pixel in `pixels`. */
  readonly uploadAt: readonly number[];
  readonly resultAt: readonly number[];
  readonly uploadBytes: number;
  readonly pixelWords: number;
}

/** Writes the header and the steps of a group. */
export function encodeSteps(group: Group, slots: readonly Slot[], words: ProgramWords): Encoded {
  words.clear();
  words.reserve(HEADER_WORDS);
  const steps = words.reserve(group.images.length * slots.length * stepFields.length);
  setHeader(words, { slots: slots.length, steps });
  const extents = slots.map(() => ({ between: { width: 0, height: 0 }, result: { width: 0, height: 0 } }));
  const uploadAt: number[] = [];
  const resultAt: number[] = [];
  let uploadBytes = 0;
  let pixelWords = 0;
  for (const [i, planned] of group.images.entries()) {
    const areas = placeAreas(planned.areas, pixelWords);
    for (const step of planned.steps) {
      const record = recordOf(
        step,
        planned.image,
        areas,
        uploadBytes,
        words.append(argumentWords(step, words)),
      );
      words.set(steps + (i * slots.length + step.slot) * stepFields.length, inOrder(record));
      cover(extents[step.slot] as Extent, step);
    }
    uploadAt.push(uploadBytes);
    resultAt.push(areas[planned.result.area] as number);
    uploadBytes += planned.uploadBytes;
    pixelWords += planned.pixelWords;
  }
  return { extents, uploadAt, resultAt, uploadBytes, pixelWords };
}

/** Writes how the group's results become rows of a tensor. Returns the words of the tensor. */
export function encodeFinish(
  group: Group,
  { resultAt }: Encoded,
  format: TensorFormat,
  outputStart: number,
  tables: ResidentTables,
  words: ProgramWords,
): number {
  const { width, height } = (group.images[0] as PlannedImage).result.size;
  const elements = width * height * 3;
  const tensorWords = Math.ceil((group.images.length * elements * bytesPerElement(format.dtype)) / 4);
  const mixTables = new Map<number, number>();
  let shift = 0;
  const tableOf = (lambda: number) => {
    const known = mixTables.get(lambda);
    if (known !== undefined) return known;
    const mix = mixWords(format, lambda);
    shift = mix.shift;
    const at = words.append(mix.words);
    mixTables.set(lambda, at);
    return at;
  };
  const rows = group.images.flatMap(({ image: { mix } }, i) => {
    const own = resultAt[i] as number;
    if (mix === undefined) return [own, 0, 0];
    return [own, resultAt[mix.partner - group.first] as number, tableOf(mix.lambda)];
  });
  setHeader(words, {
    rows: words.append(rows),
    elements,
    pixels: width * height,
    isPlanar: format.layout === 'nchw' ? 1 : 0,
    isFloat: format.dtype === 'float32' ? 1 : 0,
    words: tensorWords,
    outputStart,
    table: tables.get(`normalize ${JSON.stringify(format)}`, () => normalizeWords(format)).at,
    shift,
  });
  return tensorWords;
}

function setHeader(words: ProgramWords, values: Partial<Record<keyof typeof header, number>>): void {
  for (const [name, value] of Object.entries(values))
    words.set(header[name as keyof typeof header], [value as number]);
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

function cover(extent: Extent, { betweenSize, result }: DeviceStep): void {
  grow(extent.between, betweenSize);
  grow(extent.result, result);
}

function grow(size: { width: number; height: number }, { width, height }: Size): void {
  size.width = Math.max(size.width, width);
  size.height = Math.max(size.height, height);
}
