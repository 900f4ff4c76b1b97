import { noiseWords4 } from '../normal-noise/noise-indices.as';

const INDICES: usize = 65_536;
const STARTS: usize = 510;

const words = memory.data(32, 16);

/** Four pixels a step; writes four bytes beyond the last of them. */
export function noise(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  key0: u32,
  key1: u32,
  starts: usize,
  scratch: usize,
): void {
  writeOffsets(starts, scratch);
  const pixels = <u32>(width * height);
  for (let pixel: u32 = 0; pixel < pixels; pixel += 4) {
    noiseWords4(pixel, key0, key1, words);
    const bytes = v128.load(source + pixel * 3);
    const front = i16x8.add(i16x8.extend_low_i8x16_u(bytes), offsetsOfFront(scratch));
    const back = i16x8.add(i16x8.extend_high_i8x16_u(bytes), offsetsOfBack(scratch));
    v128.store(target + pixel * 3, i8x16.narrow_i16x8_u(front, back));
  }
}

/** Of the first eight values: R, G and B of pixels 0 and 1, R and G of pixel 2. */
function offsetsOfFront(offsets: usize): v128 {
  let lanes = i16x8.splat(0);
  lanes = v128.load16_lane(at(offsets, 0), lanes, 0);
  lanes = v128.load16_lane(at(offsets, 2), lanes, 1);
  lanes = v128.load16_lane(at(offsets, 16), lanes, 2);
  lanes = v128.load16_lane(at(offsets, 4), lanes, 3);
  lanes = v128.load16_lane(at(offsets, 6), lanes, 4);
  lanes = v128.load16_lane(at(offsets, 20), lanes, 5);
  lanes = v128.load16_lane(at(offsets, 8), lanes, 6);
  return v128.load16_lane(at(offsets, 10), lanes, 7);
}

/** Of the other four: B of pixel 2, and pixel 3. */
function offsetsOfBack(offsets: usize): v128 {
  let lanes = i16x8.splat(0);
  lanes = v128.load16_lane(at(offsets, 24), lanes, 0);
  lanes = v128.load16_lane(at(offsets, 12), lanes, 1);
  lanes = v128.load16_lane(at(offsets, 14), lanes, 2);
  return v128.load16_lane(at(offsets, 28), lanes, 3);
}

/** Where the offset is whose index is the half word at `place` of the words. */
function at(offsets: usize, place: usize): usize {
  return offsets + ((<usize>load<u16>(words + place)) << 1);
}

/** The level that each index adds. */
function writeOffsets(starts: usize, offsets: usize): void {
  let from: usize = 0;
  for (let i: usize = 0; i < STARTS; i++) {
    const end = <usize>load<u32>(starts + (i << 2));
    fillOffsets(offsets, from, end, <i16>i - 255);
    from = end;
  }
  fillOffsets(offsets, from, INDICES, 255);
}

/** Writes up to seven entries beyond the last: those that follow are written after them. */
function fillOffsets(offsets: usize, from: usize, end: usize, offset: i16): void {
  const values = i16x8.splat(offset);
  for (let index = from; index < end; index += 8) v128.store(offsets + (index << 1), values);
}
