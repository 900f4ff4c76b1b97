import type { NamedTensor, TensorMap } from '../core/trainer.ts';
import type { Node } from '../graph/node.ts';
import type { OnnxGraph } from './onnx-graph.ts';

/** A model's graph on its way to ONNX: which value stands for which node. Images are NCHW there, features [n, c, 1, 1]. */
export class ModelWriter {
  readonly onnx: OnnxGraph;
  readonly #weights: TensorMap;
  readonly #values = new Map<Node, string>();

  constructor(onnx: OnnxGraph, weights: TensorMap) {
    this.onnx = onnx;
    this.#weights = weights;
  }

  /** The value of a node that is written. */
  value(node: Node): string {
    const value = this.#values.get(node);
    if (value === undefined) throw new Error(`${node.name}: ${node.kind.name} is used before it is written`);
    return value;
  }

  /** Says which value a node has. */
  finish(node: Node, value: string): void {
    this.#values.set(node, value);
  }

  parameter({ name }: Node): NamedTensor {
    const tensor = this.#weights[name];
    if (tensor === undefined) throw new Error(`${name}: missing`);
    return tensor;
  }
}
