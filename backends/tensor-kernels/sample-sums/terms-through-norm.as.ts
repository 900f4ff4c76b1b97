import { Lazy } from '../lazy.as';
import { Kind } from '../lazy-formulas.as';
import { Activation } from '../sigmoid.as';
import { Tile } from '../wasm-call.as';

/**
 * What the backward pass of a squeeze and excitation, and of the batch norm before it, sums: products of a stored d and of a batch
 * norm's stored input z. All need one sigmoid.
 */
export const enum Term {
  /** d silu(normalized z) */
  Activated,
  /** d siluSlope(normalized z), and that times the standardized z */
  Gradient,
  GradientTimesDistance,
  /** siluSlope(normalized z), and that times the standardized z */
  Slope,
  SlopeTimesDistance,
  Other,
}

/** What the terms share; 0: not known yet. */
@unmanaged
export class ThroughNorm {
  d: usize;
  z: usize;
  vectors: usize;
}

/** Which term a lazy value is of those that are known; it notes what they share. */
export function termOf(lazy: Lazy, shared: ThroughNorm): Term {
  const first = changetype<Lazy>(lazy.of);
  const second = changetype<Lazy>(lazy.by);
  switch (lazy.kind) {
    case Kind.Multiply:
      if (isD(first, shared) && isActivated(second, shared)) return Term.Activated;
      return isD(second, shared) && isActivated(first, shared) ? Term.Activated : Term.Other;
    case Kind.TimesSlopeOfNormalized:
      return isD(first, shared) && isNormOf(second, lazy.vectors, shared) ? Term.Gradient : Term.Other;
    case Kind.SiluSlope:
      if (first.kind !== Kind.Normalize) return Term.Other;
      return isNormOf(changetype<Lazy>(first.of), first.vectors, shared) ? Term.Slope : Term.Other;
    case Kind.TimesStandardized: {
      if (!isNormOf(second, lazy.vectors, shared)) return Term.Other;
      const term = termOf(first, shared);
      if (term === Term.Gradient) return Term.GradientTimesDistance;
      return term === Term.Slope ? Term.SlopeTimesDistance : Term.Other;
    }
    default:
      return Term.Other;
  }
}

function isD(lazy: Lazy, shared: ThroughNorm): bool {
  if (lazy.kind !== Kind.Load) return false;
  if (shared.d === 0) shared.d = lazy.of;
  return shared.d === lazy.of;
}

function isActivated(lazy: Lazy, shared: ThroughNorm): bool {
  return lazy.kind === Kind.SiluOfNormalized && isNormOf(changetype<Lazy>(lazy.of), lazy.vectors, shared);
}

function isNormOf(lazy: Lazy, vectors: usize, shared: ThroughNorm): bool {
  if (lazy.kind !== Kind.Load) return false;
  if (shared.z === 0) {
    shared.z = lazy.of;
    shared.vectors = vectors;
  }
  return shared.z === lazy.of && shared.vectors === vectors;
}

// Rows of the vectors: `channelVectors` in lazy.ts.
const SCALE: usize = 0;
const SHIFT: usize = 1;
const MEAN: usize = 2;
const DEVIATION: usize = 3;

/** out [terms, channels] = the sums of all known terms over a tile's rows. */
export function sumThroughNorm(shared: ThroughNorm, tile: Tile, out: usize): void {
  const stride = tile.stride;
  const z = shared.z + tile.first * stride;
  // without a d, what is summed of it is not read
  const d = shared.d === 0 ? z : shared.d + tile.first * stride;
  const vectors = shared.vectors;
  const end = tile.rows * stride;
  const one = f32x4.splat(1);
  for (let c = tile.from; c < tile.to; c += 16) {
    const scale = v128.load(vectors + SCALE * stride + c),
      shift = v128.load(vectors + SHIFT * stride + c),
      mean = v128.load(vectors + MEAN * stride + c),
      deviation = v128.load(vectors + DEVIATION * stride + c);
    let activated = f32x4.splat(0),
      gradients = activated,
      gradientDistances = activated,
      slopes = activated,
      slopeDistances = activated;
    for (let place = c; place < end; place += stride) {
      const input = v128.load(z + place);
      const normalized = f32x4.add(f32x4.mul(input, scale), shift);
      const s = Activation.sigmoid(normalized);
      const silu = f32x4.mul(normalized, s);
      // s (1 + x (1 - s)) = s + silu (1 - s)
      const slope = f32x4.add(s, f32x4.mul(silu, f32x4.sub(one, s)));
      const distance = f32x4.sub(input, mean);
      const factor = v128.load(d + place);
      const gradient = f32x4.mul(factor, slope);
      activated = f32x4.add(activated, f32x4.mul(factor, silu));
      gradients = f32x4.add(gradients, gradient);
      gradientDistances = f32x4.add(gradientDistances, f32x4.mul(gradient, distance));
      slopes = f32x4.add(slopes, slope);
      slopeDistances = f32x4.add(slopeDistances, f32x4.mul(slope, distance));
    }
    v128.store(out + <usize>Term.Activated * stride + c, activated);
    v128.store(out + <usize>Term.Gradient * stride + c, gradients);
    v128.store(out + <usize>Term.GradientTimesDistance * stride + c, f32x4.mul(gradientDistances, deviation));
    v128.store(out + <usize>Term.Slope * stride + c, slopes);
    v128.store(out + <usize>Term.SlopeTimesDistance * stride + c, f32x4.mul(slopeDistances, deviation));
  }
}
