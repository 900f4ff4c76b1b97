import { portableExp, portableLog } from './portable-math.ts';
import type { Rng } from './random.ts';

/**
 * A draw from Beta(alpha, alpha), in 0..1, for any alpha > 0. Symmetric about 1/2; small alphas crowd at 0 and 1.
 * Johnk's method up to alpha = 1, a quotient of gamma draws (Marsaglia and Tsang) above.
 */
export function drawBeta(rng: Rng, alpha: number): number {
  if (alpha <= 1) return drawByJohnk(rng, alpha);
  const gamma = drawGamma(rng, alpha);
  return gamma / (gamma + drawGamma(rng, alpha));
}

/**
 * With X = U^(1/alpha), Y = V^(1/alpha): X / (X + Y), given X + Y <= 1. X and Y themselves underflow for small
 * alphas, so the test and the quotient are taken on logarithms.
 */
function drawByJohnk(rng: Rng, alpha: number): number {
  for (;;) {
    const logU = logOfUniform(rng);
    const logV = logOfUniform(rng);
    const difference = (logV - logU) / alpha;
    const logOfLarger = Math.max(logU, logV) / alpha;
    const logOfSum = logOfLarger + portableLog(1 + portableExp(-Math.abs(difference)));
    if (logOfSum <= 0) return 1 / (1 + portableExp(difference));
  }
}

/** Logarithm of a uniform draw in (0, 1]: never minus infinity. */
const logOfUniform = (rng: Rng): number => portableLog(1 - rng.uniform());

/** A draw from Gamma(shape, 1), shape >= 1: Marsaglia and Tsang, "A simple method for generating gamma variables". */
function drawGamma(rng: Rng, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = rng.normal();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    if (logOfUniform(rng) <= 0.5 * x * x + d - d * v + d * portableLog(v)) return d * v;
  }
}
