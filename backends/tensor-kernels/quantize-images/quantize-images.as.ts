import { widen } from '../half.as';
import { Call } from '../wasm-call.as';

@unmanaged
class QuantizeImages extends Call {
  images: usize;
  thresholds: usize;
  out: usize;
  size4: usize;
  isHalf: usize;
}

/** Values of a tile. */
const TILE: usize = 8192;
/** Where the scale's reciprocal stands: image-thresholds.ts. */
const RECIPROCAL: usize = 257;

export function quantizeImages(p: QuantizeImages, _column: usize, row: usize, scratch: usize): void {
  const first = row * TILE;
  const count = min(TILE, p.size4 * 4 - first);
  if (p.isHalf) widen(p.images + first * 2, count, scratch);
  const images = p.isHalf ? scratch : p.images + first * 4;
  const out = p.out + first * 4;
  const reciprocal = load<f32>(p.thresholds + RECIPROCAL * 4);
  for (let i: usize = 0; i < count; i++)
    store<f32>(out + i * 4, quantized(load<f32>(images + i * 4), p.thresholds, reciprocal));
}

function quantized(x: f32, thresholds: usize, reciprocal: f32): f32 {
  const near = max<f32>(-128, min<f32>(127, nearest<f32>(x * reciprocal)));
  const at = thresholds + ((<usize>(<i32>near + 128)) << 2);
  if (x < load<f32>(at)) return near - 1;
  return x >= load<f32>(at, 4) ? min<f32>(near + 1, 127) : near;
}
