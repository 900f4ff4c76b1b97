import type { NamedTensor, TensorMap } from '../core/trainer.ts';
import type { Node } from '../graph/node.ts';
import type { Padding } from '../models/scaling.ts';
import type { Numbers } from './numbers.ts';
import type { OnnxGraph } from './onnx-graph.ts';

export interface ModelWriterParts {
  readonly onnx: OnnxGraph;
  readonly weights: TensorMap;
  readonly numbers: Numbers;
  readonly padding: Padding;
  /** The node whose value the file gives. */
  readonly output: Node;
}

/** A model's graph on its way to ONNX: which value stands for which node. Images are NCHW there, features [n, c, 1, 1]. */
export class ModelWriter {
  readonly onnx: OnnxGraph;
  readonly numbers: Numbers;
  /** Of all convolutions. */
  readonly padding: Padding;
  readonly #weights: TensorMap;
  readonly #output: Node;
  readonly #values = new Map<Node, string>();

  constructor({ onnx, weights, numbers, padding, output }: ModelWriterParts) {
    this.onnx = onnx;
    this.numbers = numbers;
    this.padding = padding;
    this.#weights = weights;
    this.#output = output;
  }

  /** The value of a node that is written. */
  value(node: Node | undefined): string {
    const value = node && this.#values.get(node);
    if (value === undefined) throw new Error(`${node?.name}: ${node?.kind.name} is not written`);
    return value;
  }

  /** Says which value a node has. */
  finish(node: Node, value: string): void {
    this.#values.set(node, value);
  }

  isOutput(node: Node): boolean {
    return node === this.#output;
  }

  parameter({ name }: Node): NamedTensor {
    const tensor = this.#weights[name];
    if (tensor === undefined) throw new Error(`${name}: missing`);
    return tensor;
  }
}
