import { bytesOfRows, multiplySamples, packSamples, unpackSamples } from '../matrix-of-samples.as';
import { Activation } from '../sigmoid.as';
import { Call } from '../wasm-call.as';

@unmanaged
class SqueezeExcite extends Call {
  mean: usize;
  squeezeWeight: usize;
  squeezeBias: usize;
  exciteWeight: usize;
  exciteBias: usize;
  hidden: usize;
  factors: usize;
  samples: usize;
  channels: usize;
  squeezed: usize;
}

/** A tile has four samples: weights are read once for them. */
export function squeezeExcite(p: SqueezeExcite, _column: usize, row: usize, scratch: usize): void {
  const samples = p.samples,
    channels = p.channels,
    squeezed = p.squeezed;
  const ofChannels = scratch;
  const ofSqueezed = scratch + bytesOfRows(channels);
  packSamples(p.mean, channels, row * 4, samples, ofChannels);
  multiplySamples(
    p.squeezeWeight,
    channels * 4,
    4,
    squeezed,
    channels,
    ofChannels,
    p.squeezeBias,
    ofSqueezed,
  );
  unpackSamples(ofSqueezed, squeezed, row * 4, samples, p.hidden);
  for (let i = ofSqueezed, end = i + squeezed * 16; i < end; i += 16)
    v128.store(i, Activation.silu(v128.load(i)));
  multiplySamples(p.exciteWeight, squeezed * 4, 4, channels, squeezed, ofSqueezed, p.exciteBias, ofChannels);
  for (let i = ofChannels, end = i + channels * 16; i < end; i += 16)
    v128.store(i, Activation.sigmoid(v128.load(i)));
  unpackSamples(ofChannels, channels, row * 4, samples, p.factors);
}
