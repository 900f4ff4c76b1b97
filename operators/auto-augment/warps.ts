import type { AffineInterpolation } from '../../backends/kernels/affine/affine.ts';
import type { Rng } from '../../src/core/random.ts';
import type { Magnitudes } from './magnitudes.ts';

/** What a policy's shears, translations and rotations are given instead of its own. */
export interface WarpChoice {
  /** 'random' draws bilinear or bicubic for each of them, as timm does. */
  readonly interpolation?: AffineInterpolation | 'random';
  readonly fill?: readonly [number, number, number];
}

/** The magnitudes with what is chosen for their warps. */
export function withWarps(magnitudes: Magnitudes, choice: WarpChoice): Magnitudes {
  const chosen = chooser(choice);
  if (chosen === undefined) return magnitudes;
  const { shearX, shearY, translateX, translateY, rotate } = magnitudes;
  return {
    ...magnitudes,
    ...(shearX && { shearX: (...at) => ({ ...shearX(...at), ...chosen(at[3]) }) }),
    ...(shearY && { shearY: (...at) => ({ ...shearY(...at), ...chosen(at[3]) }) }),
    ...(translateX && { translateX: (...at) => ({ ...translateX(...at), ...chosen(at[3]) }) }),
    ...(translateY && { translateY: (...at) => ({ ...translateY(...at), ...chosen(at[3]) }) }),
    ...(rotate && { rotate: (...at) => ({ ...rotate(...at), ...chosen(at[3]) }) }),
  } satisfies Magnitudes;
}

interface Chosen extends WarpChoice {
  readonly interpolation?: AffineInterpolation;
}

function chooser({ interpolation, fill }: WarpChoice): ((rng: Rng) => Chosen) | undefined {
  if (interpolation === undefined && fill === undefined) return undefined;
  const filled = { ...(fill && { fill }) };
  if (interpolation === 'random')
    return (rng) => ({ ...filled, interpolation: rng.chance(0.5) ? 'bilinear' : 'bicubic' });
  const always = { ...filled, ...(interpolation && { interpolation }) };
  return () => always;
}
