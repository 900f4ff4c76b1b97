import { addProducts, addRows, copyColumns } from '../products-of-samples.as';
import { Activation } from '../sigmoid.as';
import { Call } from '../wasm-call.as';

@unmanaged
class SqueezeExciteFilterGradient extends Call {
  exciteGradient: usize;
  squeezeGradient: usize;
  hidden: usize;
  mean: usize;
  squeezeWeightGradient: usize;
  squeezeBiasGradient: usize;
  exciteWeightGradient: usize;
  exciteBiasGradient: usize;
  samples: usize;
  channels: usize;
  squeezed: usize;
}

/** Channels of a tile: squeeze-excite-filter-gradient.ts has the same. */
const CHANNELS: usize = 64;

export function squeezeExciteFilterGradient(
  p: SqueezeExciteFilterGradient,
  column: usize,
  _row: usize,
  scratch: usize,
): void {
  const first = column * CHANNELS;
  const channels = min(CHANNELS, p.channels - first);
  const activated = scratch + p.samples * CHANNELS * 4;
  ofSqueezeWeights(p, first, channels, scratch);
  ofExciteWeights(p, first, channels, activated);
  addRows(p.exciteGradient, p.channels, first, channels, p.samples, p.exciteBiasGradient);
  if (column === 0) addRows(p.squeezeGradient, p.squeezed, 0, p.squeezed, p.samples, p.squeezeBiasGradient);
}

function ofSqueezeWeights(p: SqueezeExciteFilterGradient, first: usize, channels: usize, means: usize): void {
  copyColumns(p.mean, p.channels, first, channels, p.samples, means, CHANNELS);
  const out = p.squeezeWeightGradient + first * 4;
  addProducts(
    p.squeezeGradient,
    p.squeezed,
    p.squeezed,
    means,
    CHANNELS,
    channels,
    p.samples,
    out,
    p.channels,
  );
}

function ofExciteWeights(
  p: SqueezeExciteFilterGradient,
  first: usize,
  channels: usize,
  activated: usize,
): void {
  const width = (p.squeezed + 7) & ~7;
  copyColumns(p.hidden, p.squeezed, 0, p.squeezed, p.samples, activated, width);
  for (let i = activated, end = i + p.samples * width * 4; i < end; i += 16)
    v128.store(i, Activation.silu(v128.load(i)));
  addProducts(
    p.exciteGradient + first * 4,
    p.channels,
    channels,
    activated,
    width,
    p.squeezed,
    p.samples,
    p.exciteWeightGradient + first * p.squeezed * 4,
    p.squeezed,
  );
}
