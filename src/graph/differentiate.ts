import { add } from './kinds/add.ts';
import { learns, parameter } from './kinds/parameter.ts';
import { type Graph, isKind, type Node } from './node.ts';

/**
 * Adds the gradients of a loss to its graph: a node's rule is called once, when the gradient of all its uses is known. The
 * gradient goes no further than to what learns.
 */
export function differentiate(graph: Graph, loss: Node): void {
  const learning = learningNodes(graph);
  const gradients = new Map<Node, Node>([[loss, loss]]);
  for (const node of [...graph.nodes].reverse()) {
    const gradient = gradients.get(node);
    if (gradient === undefined || node.kind.derivative === undefined) continue;
    const given = node.kind.derivative(node, gradient, graph);
    for (const [i, input] of node.inputs.entries()) {
      const more = given[i];
      if (more === undefined || !learning.has(input) || isKind(input, parameter)) continue;
      const known = gradients.get(input);
      gradients.set(input, known === undefined ? more : graph.add(add, input.name, [known, more], {}));
    }
  }
}

/** Nodes that parameters which learn are, or are read for. */
function learningNodes({ nodes }: Graph): ReadonlySet<Node> {
  const learning = new Set<Node>();
  for (const node of nodes)
    if (learns(node) || node.inputs.some((input) => learning.has(input))) learning.add(node);
  return learning;
}
