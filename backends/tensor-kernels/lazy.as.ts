import { Kind, Rows } from './lazy-formulas.as';
import { Range } from './range.as';
import { Slopes } from './slopes.as';
import { TILE_BYTES, Tile } from './wasm-call.as';

/** A lazy value (lazy.ts) in memory. Kinds are numbered as in backends/cpu/tensors/lazy-block.ts. */
@unmanaged
export class Lazy {
  kind: usize;
  /** A lazy value, or the address of a stored one's first row. */
  of: usize;
  /** A second lazy value. */
  by: usize;
  /** Vectors [8, channels] of a batch norm. */
  vectors: usize;
  /** Of a quantised value: see range.ts. */
  range: usize;
  /** Of a normalized value that is quantised before it is activated. */
  inner: usize;
  /** The activated value of `by`, where it is stored: a lazy value. */
  activated: usize;
}

/**
 * The lazy value in the tile's rows and columns: the address of its first row, a tile's stride from row to row. It is that of
 * a stored value itself, or of scratch memory; or `out`, where that is not 0.
 */
export function evaluate(lazy: Lazy, tile: Tile, out: usize = 0): usize {
  switch (lazy.kind) {
    case Kind.Load: {
      const from = lazy.of + tile.first * tile.stride;
      return out === 0 ? from : copyRows(from, tile, out);
    }
    case Kind.One:
      return fillRows(f32x4.splat(1), tile, target(0, tile, out));
    case Kind.PerSample:
      return spreadSamples(changetype<Lazy>(lazy.of), tile, target(0, tile, out));
    case Kind.SampleFactor:
      return spreadFactors(lazy.of, tile, target(0, tile, out));
    case Kind.TimesPerSample: {
      const x = evaluate(changetype<Lazy>(lazy.of), tile);
      return timesSamples(x, changetype<Lazy>(lazy.by), tile, target(x, tile, out));
    }
    case Kind.TimesPerSampleWithin: {
      const x = evaluate(changetype<Lazy>(lazy.of), tile);
      const within = evaluate(changetype<Lazy>(lazy.activated), tile);
      const samples = ofSamples(changetype<Lazy>(lazy.by), tile);
      return timesSamplesWithin(x, within, lazy.range, samples, tile, target(x, tile, out));
    }
    case Kind.Add:
    case Kind.Multiply:
    case Kind.Unnormalize:
    case Kind.TimesSlopeOfNormalized:
    case Kind.TimesSlopeOfActivated:
    case Kind.TimesSlopeFrom:
    case Kind.TimesSlopeWithin:
    case Kind.TimesSlopeOfQuantized:
    case Kind.TimesWithinRange:
    case Kind.TimesStandardized: {
      const a = evaluate(changetype<Lazy>(lazy.of), tile);
      const b = evaluate(changetype<Lazy>(lazy.by), tile);
      return ofTwo(lazy, a, b, tile, target(a, tile, out));
    }
    default: {
      const x = evaluate(changetype<Lazy>(lazy.of), tile);
      return ofOne(lazy, x, tile, target(x, tile, out));
    }
  }
}

/** The same where the lazy value's first input is computed already. For kinds of two inputs. */
export function evaluateFrom(input: usize, lazy: Lazy, tile: Tile): usize {
  const by = evaluate(changetype<Lazy>(lazy.by), tile);
  return ofTwo(lazy, input, by, tile, target(input, tile, 0));
}

/** Whether two lazy values are computed from the same stored ones in the same way; addresses of Lazy, or both 0. */
export function isSame(first: usize, second: usize): bool {
  if (first === second) return true;
  if (first === 0 || second === 0) return false;
  const a = changetype<Lazy>(first);
  const b = changetype<Lazy>(second);
  if (a.kind !== b.kind || a.vectors !== b.vectors) return false;
  if (a.range !== b.range || a.inner !== b.inner) return false;
  if (a.kind === Kind.Load || a.kind === Kind.SampleFactor) return a.of === b.of;
  return isSame(a.of, b.of) && isSame(a.by, b.by) && isSame(a.activated, b.activated);
}

/** Where a result goes: to `out`, or in place of a value in scratch memory, or else to free scratch memory. */
function target(x: usize, tile: Tile, out: usize): usize {
  if (out !== 0) return out;
  if (x >= tile.scratch && x < tile.free) return x;
  const free = tile.free;
  tile.free += tile.rows * tile.stride;
  return free;
}

function ofOne(lazy: Lazy, x: usize, tile: Tile, out: usize): usize {
  const vectors = lazy.vectors;
  switch (lazy.kind) {
    case Kind.Silu:
      return Rows.map(Kind.Silu, x, 0, 0, 0, tile, out);
    case Kind.SiluSlope:
      return Rows.map(Kind.SiluSlope, x, 0, 0, 0, tile, out);
    case Kind.OverRows:
      return Rows.map(Kind.OverRows, x, 0, 0, 0, tile, out);
    case Kind.Normalize:
      return Rows.map(Kind.Normalize, x, 0, 0, vectors, tile, out);
    case Kind.Standardize:
      return Rows.map(Kind.Standardize, x, 0, 0, vectors, tile, out);
    case Kind.Rescale:
      return Rows.map(Kind.Rescale, x, 0, 0, vectors, tile, out);
    case Kind.Sigmoid:
      return Rows.map(Kind.Sigmoid, x, 0, 0, 0, tile, out);
    case Kind.SigmoidSlope:
      return Rows.map(Kind.SigmoidSlope, x, 0, 0, 0, tile, out);
    case Kind.Quantize:
      return Range.map(Kind.Quantize, x, 0, 0, lazy.range, tile, out);
    case Kind.QuantizeNormalized:
      return Range.map(Kind.QuantizeNormalized, x, 0, vectors, lazy.range, tile, out);
    case Kind.WithinRange:
      return Range.map(Kind.WithinRange, x, 0, 0, lazy.range, tile, out);
    default:
      return Rows.map(Kind.SiluOfNormalized, x, 0, 0, vectors, tile, out);
  }
}

function ofTwo(lazy: Lazy, a: usize, b: usize, tile: Tile, out: usize): usize {
  switch (lazy.kind) {
    case Kind.Add:
      return Rows.map(Kind.Add, a, b, 0, 0, tile, out);
    case Kind.Multiply:
      return Rows.map(Kind.Multiply, a, b, 0, 0, tile, out);
    case Kind.Unnormalize:
      return Rows.map(Kind.Unnormalize, a, b, 0, lazy.vectors, tile, out);
    case Kind.TimesStandardized:
      return Rows.map(Kind.TimesStandardized, a, b, 0, lazy.vectors, tile, out);
    case Kind.TimesWithinRange:
      return Range.map(Kind.TimesWithinRange, a, b, 0, lazy.range, tile, out);
    case Kind.TimesSlopeFrom: {
      const y = evaluate(changetype<Lazy>(lazy.activated), tile);
      return Rows.map(Kind.TimesSlopeFrom, a, b, y, 0, tile, out);
    }
    case Kind.TimesSlopeWithin: {
      const y = evaluate(changetype<Lazy>(lazy.activated), tile);
      return Slopes.map(Kind.TimesSlopeWithin, lazy.range, 0, a, b, y, lazy.vectors, tile, out);
    }
    case Kind.TimesSlopeOfQuantized: {
      const y = evaluate(changetype<Lazy>(lazy.activated), tile);
      return Slopes.map(Kind.TimesSlopeOfQuantized, lazy.range, lazy.inner, a, b, y, lazy.vectors, tile, out);
    }
    case Kind.TimesSlopeOfActivated: {
      const y = evaluate(changetype<Lazy>(lazy.activated), tile);
      return Rows.map(Kind.TimesSlopeOfActivated, a, b, y, lazy.vectors, tile, out);
    }
    default:
      return Rows.map(Kind.TimesSlopeOfNormalized, a, b, 0, lazy.vectors, tile, out);
  }
}

function copyRows(from: usize, tile: Tile, out: usize): usize {
  const stride = tile.stride;
  const bytes = tile.to - tile.from;
  for (let row = tile.rows, at = tile.from; row > 0; row--, at += stride)
    memory.copy(out + at, from + at, bytes);
  return out;
}

function fillRow(value: v128, tile: Tile, out: usize): void {
  for (let c = tile.from; c < tile.to; c += 16) v128.store(out + c, value);
}

function fillRows(value: v128, tile: Tile, out: usize): usize {
  for (let row: usize = 0; row < tile.rows; row++) fillRow(value, tile, out + row * tile.stride);
  return out;
}

/** Rows get the factor of their sample. */
function spreadFactors(factors: usize, tile: Tile, out: usize): usize {
  for (let row: usize = 0; row < tile.rows; row++) {
    const factor = load<f32>(factors + (((tile.first + row) / tile.sampleRows) << 2));
    fillRow(f32x4.splat(factor), tile, out + row * tile.stride);
  }
  return out;
}

/** The lazy value of the tile's samples, a row each, in scratch memory. */
function ofSamples(lazy: Lazy, tile: Tile): usize {
  const samples = changetype<Tile>(tile.free);
  samples.first = tile.first / tile.sampleRows;
  samples.rows = (tile.first + tile.rows - 1) / tile.sampleRows - samples.first + 1;
  samples.stride = tile.stride;
  samples.from = tile.from;
  samples.to = tile.to;
  samples.sampleRows = tile.sampleRows;
  samples.scratch = tile.free + TILE_BYTES;
  samples.free = samples.scratch;
  const values = evaluate(lazy, samples);
  tile.free = samples.free;
  return values;
}

function spreadSamples(lazy: Lazy, tile: Tile, out: usize): usize {
  const samples = ofSamples(lazy, tile);
  const bytes = tile.to - tile.from;
  const firstSample = tile.first / tile.sampleRows;
  for (let row: usize = 0; row < tile.rows; row++) {
    const sample = (tile.first + row) / tile.sampleRows - firstSample;
    memory.copy(out + row * tile.stride + tile.from, samples + sample * tile.stride + tile.from, bytes);
  }
  return out;
}

function timesSamples(x: usize, lazy: Lazy, tile: Tile, out: usize): usize {
  const samples = ofSamples(lazy, tile);
  const firstSample = tile.first / tile.sampleRows;
  for (let row: usize = 0; row < tile.rows; row++) {
    const factors = samples + ((tile.first + row) / tile.sampleRows - firstSample) * tile.stride;
    const start = row * tile.stride;
    for (let c = tile.from; c < tile.to; c += 16)
      v128.store(out + start + c, f32x4.mul(v128.load(x + start + c), v128.load(factors + c)));
  }
  return out;
}

/** The same of what lies where other values are within a range, else 0. */
function timesSamplesWithin(
  x: usize,
  within: usize,
  range: usize,
  samples: usize,
  tile: Tile,
  out: usize,
): usize {
  const reciprocal = v128.load32_splat(range, 4);
  const limit = v128.load32_splat(range, 12);
  const firstSample = tile.first / tile.sampleRows;
  const stride = tile.stride;
  const to = tile.to;
  for (let row: usize = 0; row < tile.rows; row++) {
    const factors = samples + ((tile.first + row) / tile.sampleRows - firstSample) * stride;
    const start = row * stride;
    for (let c = tile.from; c < to; c += 16) {
      const passes = Range.within(v128.load(within + start + c), reciprocal, limit);
      const value = v128.and(v128.load(x + start + c), passes);
      v128.store(out + start + c, f32x4.mul(value, v128.load(factors + c)));
    }
  }
  return out;
}
