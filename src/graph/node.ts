import { ParameterError } from '../core/errors.ts';
import { sizeOf } from '../models/parameters.ts';

/** Sizes of a tensor: [samples, height, width, channels], [samples, features], or a parameter's own. */
export type Shape = readonly number[];

/** One computation of a graph: what, of what, and how large the result is. */
export interface Node<Attributes = unknown> {
  readonly kind: NodeKind<Attributes>;
  /** The layer that it belongs to. */
  readonly name: string;
  readonly inputs: readonly Node[];
  readonly attributes: Attributes;
  readonly shape: Shape;
}

/** A kind of node: its shape and its derivative. Kinds that only a derivative makes have none themselves. */
export interface NodeKind<Attributes = unknown> {
  readonly name: string;
  /** The output's shape; throws what `mismatch` makes where the inputs do not fit. */
  shape(inputs: readonly Shape[], attributes: Attributes): Shape;
  /**
   * From the gradient of the output, those of the inputs, one for each; undefined where there is none. The gradient of a
   * parameter is none: the node that takes it adds it to the parameter's own.
   */
  derivative?(node: Node<Attributes>, gradient: Node, graph: NodeList): readonly (Node | undefined)[];
}

/** Takes new nodes at its end. */
export interface NodeList {
  add<A>(kind: NodeKind<A>, name: string, inputs: readonly Node[], attributes: A): Node<A>;
}

/** A graph's nodes, each after its inputs. */
export class Graph implements NodeList {
  readonly nodes: Node[] = [];

  add<A>(kind: NodeKind<A>, name: string, inputs: readonly Node[], attributes: A): Node<A> {
    const shapes = inputs.map(({ shape }) => shape);
    try {
      const node = { kind, name, inputs, attributes, shape: kind.shape(shapes, attributes) };
      this.nodes.push(node as Node);
      return node;
    } catch (error) {
      if (!(error instanceof ShapeMismatch)) throw error;
      const given = shapes.map((shape) => `[${shape.join(', ')}]`).join(', ');
      throw new ParameterError('SHAPE_MISMATCH', `${name}: ${kind.name}: ${error.message}, got ${given}`);
    }
  }
}

class ShapeMismatch extends Error {}

/** Throws unless the shapes are as the kind expects. */
export function expectShape(isRight: boolean, expected: string): void {
  if (!isRight) throw new ShapeMismatch(`expected ${expected}`);
}

export const isKind = <A>(node: Node, kind: NodeKind<A>): node is Node<A> =>
  node.kind === (kind as NodeKind<unknown>);

/** Rows of a tensor: all its sizes but the last, multiplied. */
export const rowsOf = (shape: Shape): number => sizeOf(shape.slice(0, -1));
export const channelsOf = (shape: Shape): number => shape.at(-1) ?? 0;
/** Rows of one sample. */
export const sampleRowsOf = (shape: Shape): number => rowsOf(shape) / (shape[0] ?? 1);
/** Kernels take channels in groups of 4: a number of classes is padded to whole groups. */
export const paddedTo4 = (size: number): number => 4 * Math.ceil(size / 4);
/** Values of a tensor on a device, whose channels are padded. */
export const paddedSizeOf = (shape: Shape): number => rowsOf(shape) * paddedTo4(channelsOf(shape));
