import { Call, rowsOfChunk } from '../wasm-call.as';

@unmanaged
class SumParts extends Call {
  parts: usize;
  gradient: usize;
  count: usize;
  size4: usize;
}

/** Groups of 4 values of a tile: sum-parts.ts has the same. */
const TILE: usize = 1024;

export function sumParts(p: SumParts, _column: usize, row: usize, _scratch: usize): void {
  const stride = p.size4 * 16;
  const first = row * TILE * 16;
  const end = first + rowsOfChunk(row, TILE, p.size4) * 16;
  let at = first;
  for (; at + 64 <= end; at += 64) sumLine(p.parts + at, stride, p.count, p.gradient + at);
  for (; at < end; at += 16) sumGroup(p.parts + at, stride, p.count, p.gradient + at);
}

/** A cache line at a time: all of what is fetched is used. */
function sumLine(part: usize, stride: usize, parts: usize, gradient: usize): void {
  let s0 = f32x4.splat(0),
    s1 = s0,
    s2 = s0,
    s3 = s0;
  for (; parts > 0; parts--, part += stride) {
    s0 = f32x4.add(s0, v128.load(part));
    s1 = f32x4.add(s1, v128.load(part, 16));
    s2 = f32x4.add(s2, v128.load(part, 32));
    s3 = f32x4.add(s3, v128.load(part, 48));
  }
  v128.store(gradient, f32x4.add(v128.load(gradient), s0));
  v128.store(gradient, f32x4.add(v128.load(gradient, 16), s1), 16);
  v128.store(gradient, f32x4.add(v128.load(gradient, 32), s2), 32);
  v128.store(gradient, f32x4.add(v128.load(gradient, 48), s3), 48);
}

function sumGroup(part: usize, stride: usize, parts: usize, gradient: usize): void {
  let sum = f32x4.splat(0);
  for (; parts > 0; parts--, part += stride) sum = f32x4.add(sum, v128.load(part));
  v128.store(gradient, f32x4.add(v128.load(gradient), sum));
}
