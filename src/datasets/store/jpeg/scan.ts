import { marker } from '../../../../backends/decode/jpeg-segments.ts';
import {
  type BlockDecoder,
  decodeFirstAc,
  decodeFirstDc,
  decodeSequential,
  refineAc,
  refineDc,
  type ScanComponent,
  type ScanState,
} from './block-decoders.ts';
import { EntropyReader } from './entropy-reader.ts';
import type { Component, Frame } from './frame.ts';
import { buildLookup, type HuffmanLookup } from './huffman-lookup.ts';
import { damaged, refuseIf } from './not-transcodable.ts';

/** The Huffman tables that are defined where a scan starts, by their number 0..3. */
export interface Tables {
  readonly dc: HuffmanLookup[];
  readonly ac: HuffmanLookup[];
}

export interface Scan extends ScanState {
  readonly components: readonly (ScanComponent & { readonly component: Component })[];
  readonly decodeBlock: BlockDecoder;
  /** MCUs an interval; Infinity where there are no restart markers. */
  readonly restartInterval: number;
}

/** `content`: of a start-of-scan segment. */
export function readScan(content: Buffer, frame: Frame, tables: Tables, restartInterval: number): Scan {
  const count = content.readUInt8(0);
  const components = Array.from({ length: count }, (_, i) => {
    const id = content.readUInt8(1 + i * 2);
    const selectors = content.readUInt8(2 + i * 2);
    const component = frame.components.find((candidate) => candidate.id === id);
    if (component === undefined) throw damaged('a scan of a component that the frame lacks');
    const [dc, ac] = [tables.dc[selectors >> 4], tables.ac[selectors & 15]];
    return { component, dc: dc ?? noTable, ac: ac ?? noTable, prediction: 0 };
  });
  refuseIf(new Set(components.map(({ component }) => component)).size < count, 'damaged: scan header');
  refuseIf(count === 0, 'damaged: scan header');
  const bandStart = content.readUInt8(1 + count * 2);
  const bandEnd = content.readUInt8(2 + count * 2);
  const approximation = content.readUInt8(3 + count * 2);
  const [previousBit, bit] = [approximation >> 4, approximation & 15];
  const band = { bandStart, bandEnd, bit, endOfBandRun: 0 };
  if (frame.isProgressive) checkBand(band, count);
  const decodeBlock = chooseDecoder(frame, bandStart, previousBit !== 0);
  return { ...band, components, decodeBlock, restartInterval: restartInterval || Number.POSITIVE_INFINITY };
}

/** A scan may name tables that it does not use; where it uses one that is missing, no code is found in this. */
const noTable = buildLookup(new Uint8Array(16), new Uint8Array(0));

function checkBand({ bandStart, bandEnd, bit }: ScanState, components: number): void {
  const isDc = bandStart === 0 && bandEnd === 0;
  const isAc = bandStart > 0 && bandStart <= bandEnd && bandEnd < 64 && components === 1;
  refuseIf(!(isDc || isAc) || bit > 13, 'damaged: scan header');
}

function chooseDecoder({ isProgressive }: Frame, bandStart: number, refines: boolean): BlockDecoder {
  if (!isProgressive) return decodeSequential;
  if (bandStart === 0) return refines ? refineDc : decodeFirstDc;
  return refines ? refineAc : decodeFirstAc;
}

/** Decodes the scan whose entropy-coded bytes start at `at` into the components' coefficients. */
export function decodeScan(bytes: Buffer, at: number, frame: Frame, scan: Scan): void {
  const reader = new EntropyReader(bytes.length - at);
  const [first] = scan.components;
  const isInterleaved = scan.components.length > 1 || first === undefined;
  const { width, height } = isInterleaved ? frame.mcus : first.component.usedBlocks;
  const decodeUnit = isInterleaved ? decodeMcu : decodeSingle;
  let end = reader.load(bytes, at);
  let left = scan.restartInterval;
  for (let y = 0, restarts = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (left === 0) {
        checkRestart(bytes, end, restarts++);
        end = reader.load(bytes, end + 2);
        scan.endOfBandRun = 0;
        for (const component of scan.components) component.prediction = 0;
        left = scan.restartInterval;
      }
      left--;
      decodeUnit(reader, scan, x, y);
      reader.checkEnd();
    }
  }
}

function checkRestart(bytes: Buffer, at: number, restarts: number): void {
  if (bytes[at + 1] !== marker.restart + (restarts & 7)) throw damaged('a restart marker is missing');
}

function decodeMcu(reader: EntropyReader, scan: Scan, x: number, y: number): void {
  for (const entry of scan.components) {
    const { horizontal, vertical, blocksPerRow, coefficients } = entry.component;
    for (let v = 0; v < vertical; v++) {
      const first = (y * vertical + v) * blocksPerRow + x * horizontal;
      for (let h = 0; h < horizontal; h++) {
        scan.decodeBlock(reader, coefficients, (first + h) * 64, entry, scan);
      }
    }
  }
}

function decodeSingle(reader: EntropyReader, scan: Scan, x: number, y: number): void {
  const entry = scan.components[0] as Scan['components'][number];
  const { blocksPerRow, coefficients } = entry.component;
  scan.decodeBlock(reader, coefficients, (y * blocksPerRow + x) * 64, entry, scan);
}
