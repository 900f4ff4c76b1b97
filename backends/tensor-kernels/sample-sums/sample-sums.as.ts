import { sumRows } from '../epilogue.as';
import { evaluate, Lazy } from '../lazy.as';
import { moveTo, rowsOfBlock } from '../sums-of-rows.as';
import { Call, confine, Tile, tileOf } from '../wasm-call.as';
import { sumThroughNorm, Term, ThroughNorm, termOf } from './terms-through-norm.as';

@unmanaged
class SampleSums extends Call {
  /** How many, and then a lazy value each. */
  terms: usize;
  out: usize;
  rows: usize;
  samples: usize;
  c4: usize;
  sampleRows: usize;
}

/** Bytes for what terms share, rounded up. */
const SHARED_BYTES: usize = 16;

export function sampleSums(p: SampleSums, column: usize, sample: usize, scratch: usize): void {
  const start = sample * p.sampleRows;
  const end = start + p.sampleRows;
  const shared = changetype<ThroughNorm>(scratch);
  const sums = scratch + SHARED_BYTES;
  const isShared = shareNorm(p, shared);
  const tile = tileOf(sums + <usize>Term.Other * p.c4 * 16, start, 0, p.c4, p.sampleRows);
  confine(tile, column, p.columns, 4);
  const out = p.out + sample * tile.stride;
  const block = rowsOfBlock(tile.stride);
  for (let first = start; first < end; first += block) {
    moveTo(tile, first, min(block, end - first));
    if (isShared) sumThroughNorm(shared, tile, sums);
    addBlock(p, tile, isShared ? sums : 0, shared, out, first > start);
  }
}

/** Whether there are terms that have much in common, and no others. */
function shareNorm(p: SampleSums, shared: ThroughNorm): bool {
  shared.d = 0;
  shared.z = 0;
  const count = load<usize>(p.terms);
  for (let i: usize = 1; i <= count; i++)
    if (termOf(changetype<Lazy>(load<usize>(p.terms + i * 4)), shared) === Term.Other) return false;
  return count > 1;
}

/** Adds the terms' sums over a block of rows, one after the other. @param sums of the terms that share much; 0: compute them */
function addBlock(
  p: SampleSums,
  tile: Tile,
  sums: usize,
  shared: ThroughNorm,
  out: usize,
  isMore: bool,
): void {
  const plane = p.samples * tile.stride;
  const end = p.terms + (load<usize>(p.terms) + 1) * 4;
  for (let at = p.terms + 4; at < end; at += 4, out += plane) {
    const term = changetype<Lazy>(load<usize>(at));
    if (sums === 0) sumTerm(term, tile, out, isMore);
    else addRow(sums + <usize>termOf(term, shared) * tile.stride, tile, out, isMore);
  }
}

function sumTerm(term: Lazy, tile: Tile, out: usize, isMore: bool): void {
  tile.free = tile.scratch;
  sumRows(evaluate(term, tile), tile, out, isMore);
}

/** out = a row in the tile's columns, or that is added to it. */
function addRow(row: usize, tile: Tile, out: usize, isMore: bool): void {
  for (let c = tile.from; c < tile.to; c += 16) {
    const sums = v128.load(row + c);
    v128.store(out + c, isMore ? f32x4.add(v128.load(out + c), sums) : sums);
  }
}
