import type { ParameterAttributes } from '../kinds/parameter.ts';

/** A stretch of a flat tensor. */
export interface Piece {
  readonly offset: number;
  readonly size: number;
}

/** A parameter's place in the flat tensors that hold all of its kind. */
export interface PlacedParameter extends ParameterAttributes, Piece {
  readonly name: string;
  /** Whether its values lie in panels. */
  readonly isInPanels: boolean;
}
