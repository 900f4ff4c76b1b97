import { bytesOfRows, multiplySamples, packSamples, unpackSamples } from '../matrix-of-samples.as';
import { Activation } from '../sigmoid.as';
import { Call } from '../wasm-call.as';

@unmanaged
class SqueezeExciteGradient extends Call {
  factorGradient: usize;
  factors: usize;
  hidden: usize;
  squeezeWeight: usize;
  exciteWeight: usize;
  exciteGradient: usize;
  squeezeGradient: usize;
  meanGradient: usize;
  samples: usize;
  channels: usize;
  squeezed: usize;
}

/** A tile has four samples: weights are read once for them. */
export function squeezeExciteGradient(
  p: SqueezeExciteGradient,
  _column: usize,
  row: usize,
  scratch: usize,
): void {
  const samples = p.samples,
    channels = p.channels,
    squeezed = p.squeezed;
  const first = row * 4;
  const ofChannels = scratch;
  const ofSqueezed = scratch + bytesOfRows(channels);
  const hidden = ofSqueezed + bytesOfRows(squeezed);
  for (let sample = first; sample < min(first + 4, samples); sample++) throughSigmoid(p, sample);
  packSamples(p.exciteGradient, channels, first, samples, ofChannels);
  multiplySamples(p.exciteWeight, 4, squeezed * 4, squeezed, channels, ofChannels, 0, ofSqueezed);
  packSamples(p.hidden, squeezed, first, samples, hidden);
  for (let i: usize = 0; i < squeezed * 16; i += 16) {
    const slope = Activation.siluSlope(v128.load(hidden + i));
    v128.store(ofSqueezed + i, f32x4.mul(v128.load(ofSqueezed + i), slope));
  }
  unpackSamples(ofSqueezed, squeezed, first, samples, p.squeezeGradient);
  multiplySamples(p.squeezeWeight, 4, channels * 4, channels, squeezed, ofSqueezed, 0, ofChannels);
  unpackSamples(ofChannels, channels, first, samples, p.meanGradient);
}

/** The gradient of what goes into a sample's sigmoids. */
function throughSigmoid(p: SqueezeExciteGradient, sample: usize): void {
  const one = f32x4.splat(1);
  const start = sample * p.channels * 4;
  for (let i = start, end = start + p.channels * 4; i < end; i += 16) {
    const factors = v128.load(p.factors + i);
    const slope = f32x4.mul(factors, f32x4.sub(one, factors));
    v128.store(p.exciteGradient + i, f32x4.mul(v128.load(p.factorGradient + i), slope));
  }
}
