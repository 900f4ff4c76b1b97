import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { DataError, ParameterError, reasonOf } from '../core/errors.ts';
import { readText } from '../core/read-text.ts';
import { blockShuffle } from '../engine/order/samplers/block-shuffle.ts';
import { classBalanced } from '../engine/order/samplers/class-balanced.ts';
import { classesByRows } from '../engine/order/samplers/classes-by-rows.ts';
import type { EpochLength } from '../engine/order/samplers/epoch-length.ts';
import type { Sampler } from '../engine/order/samplers/sampler.ts';
import { type SampleWeights, weighted } from '../engine/order/samplers/weighted.ts';
import { namingFile } from './naming-file.ts';

/** A sampler, or the text for one: `balanced`, `weighted:<file>`, `pxk:<classes>x<rows>`, `blocks:<rows>` or `blocks:<rows>x<window>`. */
export type SamplerChoice = Sampler | string;

/** What says the order of a stream. */
export interface SamplingChoice {
  readonly sampler?: SamplerChoice | undefined;
  readonly samplesPerEpoch?: number | undefined;
}

/** What a sampler's text means; the text behind the colon is its argument. */
const kinds: Readonly<Record<string, (argument: string, length: EpochLength, text: string) => Sampler>> = {
  balanced: (argument, length, text) => (argument === '' ? classBalanced(length) : fail(text)),
  weighted: (path, length, text) => (path === '' ? fail(text) : weightedBy(path, length)),
  pxk: (argument, length, text) => {
    const [classes, rows] = numbersOf(argument, 2, text);
    return classesByRows(classes as number, rows as number, length);
  },
  blocks: (argument, { samplesPerEpoch }, text) => {
    const [rows, window] = numbersOf(argument, argument.includes('x') ? 2 : 1, text);
    if (samplesPerEpoch === undefined) return blockShuffle(rows as number, window ? { window } : {});
    const reason = 'blocks gives each sample once an epoch';
    throw invalid(`samplesPerEpoch (--samples-per-epoch) shortens or lengthens epochs, and ${reason}`);
  },
};

/** The text with a path that can be found from any folder. */
export const fromAnyFolder = (text: string): string =>
  text.replace(/^weighted:(.+)$/, (_, path: string) => `weighted:${resolve(path)}`);

/** The sampler that is asked for; undefined where none is. */
export function samplerOf({ sampler, samplesPerEpoch }: SamplingChoice): Sampler | undefined {
  const length = samplesPerEpoch === undefined ? {} : { samplesPerEpoch };
  if (typeof sampler === 'string') {
    const [kind = '', ...rest] = sampler.split(':');
    const make = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    return make ? make(rest.join(':'), length, sampler) : fail(sampler);
  }
  if (samplesPerEpoch === undefined) return sampler;
  const needed = 'needs one of the samplers that texts name (--sampler balanced)';
  throw invalid(`samplesPerEpoch (--samples-per-epoch) ${needed}, got ${samplesPerEpoch}`);
}

function numbersOf(argument: string, count: number, text: string): number[] {
  const numbers = argument.split('x').map((digits) => (/^\d+$/.test(digits) ? Number(digits) : Number.NaN));
  return numbers.length === count && numbers.every((one) => one > 0) ? numbers : fail(text);
}

function fail(text: string): never {
  const known = 'balanced, weighted:<file>, pxk:<classes>x<rows>, blocks:<rows> or blocks:<rows>x<window>';
  throw invalid(`sampler (--sampler) must be ${known}, got ${inspect(text)}`);
}

function weightedBy(path: string, length: EpochLength): Sampler {
  const named = <Value>(action: () => Value): Value => namingFile('sampler (--sampler)', path, action);
  const sampler = named(() => weighted(readWeights(path), length));
  return { ...sampler, open: (context) => named(() => sampler.open(context)) };
}

/** A JSON file: `{ "classes": { "cat": 2, "dog": 1 } }`, or `{ "keys": { "cat/1.jpg": 0.5, ... } }`. */
function readWeights(path: string): SampleWeights {
  try {
    return JSON.parse(readText(path)) as SampleWeights;
  } catch (cause) {
    const message = `${path}: the weights cannot be read: ${reasonOf(cause)}`;
    throw new DataError('READ_FAILED', message, { cause });
  }
}

const invalid = (message: string): ParameterError => new ParameterError('INVALID_OPTION', message);
