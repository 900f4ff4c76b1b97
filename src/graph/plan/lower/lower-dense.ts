import { biasGradient } from '../../../../backends/tensor-kernels/bias-gradient/bias-gradient.ts';
import { load } from '../../../../backends/tensor-kernels/lazy.ts';
import { pointwise } from '../../../../backends/tensor-kernels/pointwise/pointwise.ts';
import { viewOf } from '../../../../backends/tensor-kernels/tensor.ts';
import { learns } from '../../kinds/parameter.ts';
import { type Node, paddedTo4 } from '../../node.ts';
import type { Lowering } from '../lowering.ts';
import { filterGradient, inputGradient, productOf } from './lower-pointwise.ts';

/** A 1x1 convolution with a bias. Its output is float32, and padded as the rows of the weight are. */
export function lowerDense(node: Node, plan: Lowering): void {
  const [x, weight, bias] = node.inputs as [Node, Node, Node];
  const [samples = 0, classes = 0] = node.shape;
  const n = paddedTo4(classes);
  const out = viewOf(plan.tensor(node.name, 'vectors', samples * n));
  const operands = { x: plan.value(x), w: plan.factors(weight), bias: plan.weights(bias), out };
  const parameters = productOf(plan, x.shape, n);
  plan.emit({ kernel: pointwise, label: node.name, work: 'dense', operands, parameters });
  plan.finish(node, load(out), { out });
}

export function lowerDenseGradient(node: Node, plan: Lowering): void {
  const [gradient, x, weight, bias] = node.inputs as [Node, Node, Node, Node];
  const [rows = 0, classes = 0] = gradient.shape;
  const n = paddedTo4(classes);
  const g = plan.storeOnce(gradient, 'gradients', 'dense');
  filterGradient(plan, node.name, { g, n }, x, weight);
  if (learns(bias))
    plan.emit({
      kernel: biasGradient,
      label: node.name,
      work: 'dense',
      operands: { g: g.view, gradient: plan.gradient(bias) },
      parameters: { rows, c4: n / 4 },
    });
  if (plan.uses(node) === 0) return;
  const out = plan.stored(`gradient of ${node.name}`, 'gradients', node.shape);
  inputGradient(plan, node.name, g, [rows, n], weight, out);
  plan.finish(node, load(out));
}
