import type { NodeKind, Shape } from '../node.ts';

/**
 * How a parameter lies on a device: as PyTorch has it; its outputs last; its outputs padded to a multiple of 4; or as the factors
 * [outputs, inputs] of a product, of which both are padded, and which may lie in panels.
 */
export type ParameterLayout = 'same' | 'outputsLast' | 'padded' | 'factors';

export interface ParameterAttributes {
  /** As PyTorch has it. */
  readonly shape: Shape;
  readonly layout: ParameterLayout;
  /** False for running statistics. */
  readonly isTrainable: boolean;
}

/** A tensor that training changes. Its name is the node's. */
export const parameter: NodeKind<ParameterAttributes> = {
  name: 'parameter',
  shape: (_, { shape }) => shape,
};
