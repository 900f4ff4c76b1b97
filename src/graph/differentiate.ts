import { add } from './kinds/add.ts';
import { parameter } from './kinds/parameter.ts';
import { type Graph, isKind, type Node } from './node.ts';

/** Adds the gradients of a loss to its graph: a node's rule is called once, when the gradient of all its uses is known. */
export function differentiate(graph: Graph, loss: Node): void {
  const gradients = new Map<Node, Node>([[loss, loss]]);
  for (const node of [...graph.nodes].reverse()) {
    const gradient = gradients.get(node);
    if (gradient === undefined || node.kind.derivative === undefined) continue;
    const given = node.kind.derivative(node, gradient, graph);
    for (const [i, input] of node.inputs.entries()) {
      const more = given[i];
      if (more === undefined || isKind(input, parameter)) continue;
      const known = gradients.get(input);
      gradients.set(input, known === undefined ? more : graph.add(add, input.name, [known, more], {}));
    }
  }
}
