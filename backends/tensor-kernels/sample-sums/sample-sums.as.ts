import { sumRows } from '../epilogue.as';
import { evaluate, Lazy } from '../lazy.as';
import { moveTo, rowsOfBlock } from '../sums-of-rows.as';
import { Call, confine, Tile, tileOf } from '../wasm-call.as';

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

export function sampleSums(p: SampleSums, column: usize, sample: usize, scratch: usize): void {
  const start = sample * p.sampleRows;
  const end = start + p.sampleRows;
  const tile = tileOf(scratch, start, 0, p.c4, p.sampleRows);
  confine(tile, column, p.columns, 4);
  const out = p.out + sample * tile.stride;
  const block = rowsOfBlock(tile.stride);
  for (let first = start; first < end; first += block) {
    moveTo(tile, first, min(block, end - first));
    addBlock(p, tile, out, first > start);
  }
}

/** Adds the terms' sums over a block of rows, one after the other. */
function addBlock(p: SampleSums, tile: Tile, out: usize, isMore: bool): void {
  const plane = p.samples * tile.stride;
  const end = p.terms + (load<usize>(p.terms) + 1) * 4;
  for (let at = p.terms + 4; at < end; at += 4, out += plane) {
    tile.free = tile.scratch;
    sumRows(evaluate(changetype<Lazy>(load<usize>(at)), tile), tile, out, isMore);
  }
}
