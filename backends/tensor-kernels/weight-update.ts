import { at } from './at.ts';

/** Operands and parameters of the kernels that update weights by their gradients. */
export const updateOperands = {
  weights: { access: 'update', width: 4 },
  gradients: { access: 'read', width: 4 },
  velocity: { access: 'update', width: 4 },
  /** The updated weights, rounded for products. */
  copy: { access: 'write', width: 4, isOptional: true },
  /** The update is skipped unless this is 0. */
  flag: { access: 'read', width: 1, isOptional: true },
  /** Its first value is the loss scale, by which the gradients are divided. */
  state: { access: 'read', width: 1, isOptional: true },
} as const;

export const updateParameters = {
  size4: 'u32',
  /** The first 4 decayed4 weights decay. */
  decayed4: 'u32',
  weightDecay: 'f32',
  momentum: 'f32',
  learningRate: 'f32',
} as const;

interface Update {
  readonly weights: Float64Array;
  readonly gradients: Float64Array;
  readonly copy: Float64Array | undefined;
  readonly flag: Float64Array | undefined;
  readonly state: Float64Array | undefined;
}

type Decay = { readonly decayed4: number; readonly weightDecay: number };

export const isSkipped = ({ flag }: Update): boolean => flag !== undefined && flag[0] !== 0;

/** The i-th weight's gradient, unscaled and with its decay. */
export function gradientOf({ weights, gradients, state }: Update, p: Decay, i: number): number {
  const scale = state === undefined ? 1 : at(state, 0);
  const decay = i < 4 * p.decayed4 ? p.weightDecay * at(weights, i) : 0;
  return at(gradients, i) / scale + decay;
}

export function subtract({ weights, copy }: Update, i: number, change: number): void {
  weights[i] = at(weights, i) - change;
  if (copy !== undefined) copy[i] = at(weights, i);
}

/** A CPU's tiles of weights: weight-update.as.ts has the same. */
export const tilesOfUpdate = ({ size4 }: { readonly size4: number }): [number, number] => [
  1,
  Math.ceil(size4 / 4096),
];
