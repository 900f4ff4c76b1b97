import { isKind, type Node, type NodeKind, type Shape } from '../node.ts';

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
  /** Whether training leaves it as it is. Default false. */
  readonly isFrozen?: boolean;
}

/** A tensor that training changes. Its name is the node's. */
export const parameter: NodeKind<ParameterAttributes> = {
  name: 'parameter',
  shape: (_, { shape }) => shape,
};

/** Whether the node is a parameter that has a gradient. */
export const learns = (node: Node): boolean =>
  isKind(node, parameter) && node.attributes.isTrainable && !node.attributes.isFrozen;
