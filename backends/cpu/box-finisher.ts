import type { Box } from '../../src/core/image.ts';
import type { EraseBox } from '../backend.ts';
import { fillElement, fillTerm, NOISE_SHIFT, shareNumber } from '../kernels/finish/terms.ts';
import type { FinishTables } from './finish-tables.ts';
import {
  type FinishedRow,
  overlap,
  type PlacedLayer,
  type PlacedMix,
  type Run,
  runsOf,
} from './finished-row.ts';
import { type KernelExports, kernelNamed } from './instance.ts';
import type { MemoryBlock, WasmMemory } from './memory.ts';

/** A layer's part in a blend. */
interface Share {
  readonly layer: PlacedLayer;
  /** Address of its weights. */
  readonly table: number;
  readonly share: number;
  readonly shift: number;
}

/** Three i32 a pixel, one pixel after the other. */
const NUMBERS = [12, 4] as const;

/** Writes parts of rows, a line of a box at a time, over what the finish kernel has made of whole images. */
export class BoxFinisher {
  readonly #kernels: KernelExports;
  readonly #memory: WasmMemory;
  readonly #tables: FinishTables;
  #numbers: MemoryBlock | undefined;

  constructor(kernels: KernelExports, memory: WasmMemory, tables: FinishTables) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#tables = tables;
  }

  /** What the boxes say. */
  erase(row: FinishedRow, boxes: readonly EraseBox[] = []): void {
    for (const box of boxes)
      for (const run of runsOf(box, row.size.width)) {
        if ('fill' in box) this.#fill(row, run, box.fill);
        else this.#noise(row, run, box.noise);
      }
  }

  /** A box of a layer, normalised, with what of it is erased. */
  layer(row: FinishedRow, layer: PlacedLayer, box: Box): void {
    const { address, erase = [] } = layer;
    const table = this.#tables.normalize(layer, row.format);
    const { pixelStep, channelStep } = row;
    const normalize = row.elementBytes === 2 ? 'normalizeHalf' : 'normalizeFloat';
    for (const { first, pixels } of runsOf(box, row.size.width))
      this.#run(normalize, address + 3 * first, row.at(first), pixels, table, pixelStep, channelStep);
    this.erase(row, overlaps(erase, box));
  }

  /** The boxes that are erased of either layer, blended. */
  blend(row: FinishedRow, own: PlacedLayer, mix: PlacedMix): void {
    const { partner, lambda } = mix;
    const boxes = [...(own.erase ?? []), ...(partner.erase ?? [])];
    if (boxes.length === 0) return;
    const tables = this.#tables.mix(own, mix, row.format);
    const { shift } = tables;
    const shares: readonly Share[] = [
      { layer: own, table: tables.own, share: lambda, shift },
      { layer: partner, table: tables.other, share: 1 - lambda, shift },
    ];
    for (const box of boxes) this.#blendBox(row, shares, box);
  }

  #blendBox(row: FinishedRow, [own, other]: readonly Share[], box: Box): void {
    const [sums, terms] = this.#roomForNumbers(box.width);
    for (const run of runsOf(box, row.size.width)) {
      const line = lineOf(run, row.size.width);
      this.#terms(own as Share, line, run, sums);
      this.#terms(other as Share, line, run, terms);
      this.#run('addTerms', sums, terms, 3 * run.pixels);
      this.#place(row, run, sums, (own as Share).shift);
    }
  }

  /** A layer's terms of a line, by its weights, its constants and its noise. */
  #terms({ layer, table, share, shift }: Share, line: Box, { first, pixels }: Run, target: number): void {
    this.#run('normalizeFloat', layer.address + 3 * first, target, pixels, table, ...NUMBERS);
    for (const box of overlaps(layer.erase ?? [], line)) {
      const at = target + 12 * (box.left - line.left);
      if ('fill' in box) {
        const terms = box.fill.map((fill) => fillTerm(fill, share, shift));
        this.#run('fillPixels', at, box.width, ...terms, 4, ...NUMBERS);
      } else {
        this.#noiseNumbers(at, { first: first + box.left - line.left, pixels: box.width }, box.noise);
        this.#run('weighNoise', at, 3 * box.width, shareNumber(share), shift);
      }
    }
  }

  #fill(row: FinishedRow, { first, pixels }: Run, fill: readonly number[]): void {
    const { elementBytes, pixelStep, channelStep } = row;
    const elements = fill.map((value) => bitsOf(fillElement(value, row.format.dtype), elementBytes));
    this.#run('fillPixels', row.at(first), pixels, ...elements, elementBytes, pixelStep, channelStep);
  }

  #noise(row: FinishedRow, run: Run, key: readonly [number, number]): void {
    const [numbers] = this.#roomForNumbers(run.pixels);
    this.#noiseNumbers(numbers, run, key);
    this.#place(row, run, numbers, NOISE_SHIFT);
  }

  #noiseNumbers(target: number, { first, pixels }: Run, [key0, key1]: readonly [number, number]): void {
    this.#run('noisePixels', target, pixels, first, key0, key1, this.#tables.noise());
  }

  #place(row: FinishedRow, { first, pixels }: Run, numbers: number, shift: number): void {
    const { elementBytes, pixelStep, channelStep } = row;
    this.#run('placeNumbers', numbers, row.at(first), pixels, shift, elementBytes, pixelStep, channelStep);
  }

  /** Two lines of numbers. */
  #roomForNumbers(pixels: number): [number, number] {
    const line = 16 * (pixels + 1);
    this.#numbers = this.#memory.atLeast(2 * line, this.#numbers);
    return [this.#numbers.address, this.#numbers.address + line];
  }

  #run(kernel: string, ...parameters: readonly number[]): void {
    kernelNamed(this.#kernels, kernel)(...parameters);
  }
}

/** A run of pixels as a box. */
const lineOf = ({ first, pixels }: Run, width: number): Box => ({
  left: first % width,
  top: Math.floor(first / width),
  width: pixels,
  height: 1,
});

const overlaps = (boxes: readonly EraseBox[], part: Box): EraseBox[] =>
  boxes.map((box) => overlap(box, part)).filter((box) => box !== undefined);

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** Of an element: a half is its bits already. */
function bitsOf(element: number, bytes: number): number {
  if (bytes === 2) return element;
  floats[0] = element;
  return bits[0] as number;
}
