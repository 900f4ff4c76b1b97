import { outputSide } from '../../models/layers.ts';
import type { Padding } from '../../models/scaling.ts';
import { expectShape, type Node, type NodeKind, type NodeList, type Shape } from '../node.ts';

export interface Window {
  readonly kernel: number;
  readonly stride: number;
  /** How many zeros are around the images: `marginsOf` in src/models/layers.ts. */
  readonly padding: Padding;
}

export function convolvedShape([n = 0, h = 0, w = 0]: Shape, window: Window, channels: number): Shape {
  return [n, outputSide(h, window), outputSide(w, window), channels];
}

export function expectImages(x: Shape | undefined, expected: string): asserts x is Shape {
  expectShape(x?.length === 4, expected);
}

/** A gradient of a convolution: its value is the input's gradient; it adds the filter's to the parameter's. */
export function gradientKind<A>(name: string): NodeKind<A> {
  return { name, shape: ([, x = []]) => x };
}

/** The gradient node of a convolution, whose inputs are the output's gradient, the input and the filter. */
export const convolutionDerivative =
  <A>(kind: NodeKind<A>) =>
  ({ name, inputs: [x, filter], attributes }: Node<A>, gradient: Node, graph: NodeList) => [
    graph.add(kind, name, [gradient, x as Node, filter as Node], attributes) as Node,
    undefined,
  ];
