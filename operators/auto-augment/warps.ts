import type { AffineInterpolation } from '../../backends/kernels/affine/affine.ts';
import type { Magnitudes } from './magnitudes.ts';

/** What a policy's shears, translations and rotations are given instead of its own. */
export interface WarpChoice {
  readonly interpolation?: AffineInterpolation;
  readonly fill?: readonly [number, number, number];
}

/** The magnitudes with what is chosen for their warps. */
export function withWarps(magnitudes: Magnitudes, { interpolation, fill }: WarpChoice): Magnitudes {
  const chosen = { ...(fill && { fill }), ...(interpolation && { interpolation }) };
  if (Object.keys(chosen).length === 0) return magnitudes;
  const { shearX, shearY, translateX, translateY, rotate } = magnitudes;
  return {
    ...magnitudes,
    ...(shearX && { shearX: (...at) => ({ ...shearX(...at), ...chosen }) }),
    ...(shearY && { shearY: (...at) => ({ ...shearY(...at), ...chosen }) }),
    ...(translateX && { translateX: (...at) => ({ ...translateX(...at), ...chosen }) }),
    ...(translateY && { translateY: (...at) => ({ ...translateY(...at), ...chosen }) }),
    ...(rotate && { rotate: (...at) => ({ ...rotate(...at), ...chosen }) }),
  } satisfies Magnitudes;
}
