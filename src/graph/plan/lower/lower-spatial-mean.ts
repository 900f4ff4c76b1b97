import { type Lazy, load, multiply, overRows } from '../../../../backends/tensor-kernels/lazy.ts';
import { viewOf } from '../../../../backends/tensor-kernels/tensor.ts';
import { sizeOf } from '../../../models/parameters.ts';
import type { Node } from '../../node.ts';
import type { Lowering } from '../lowering.ts';
import { sumsOfSamples } from '../sums.ts';

export function lowerSpatialMean(node: Node, plan: Lowering): void {
  const x = node.inputs[0] as Node;
  finishAsSum(node, plan, x, overRows(plan.value(x)), 'pool');
}

export function lowerSpatialSum(node: Node, plan: Lowering): void {
  const x = node.inputs[0] as Node;
  finishAsSum(node, plan, x, plan.value(x), 'pool');
}

export function lowerChannelFactorsGradient(node: Node, plan: Lowering): void {
  const [gradient, x] = node.inputs as [Node, Node];
  finishAsSum(node, plan, x, multiply(plan.value(gradient), plan.value(x)), 'squeeze and excite sums');
}

function finishAsSum(node: Node, plan: Lowering, x: Node, term: Lazy, work: string): void {
  const { tensor } = sumsOfSamples(plan, x, [term], work);
  // more sums may follow these in the tensor
  plan.finish(node, load(viewOf(tensor, 0, sizeOf(node.shape))));
}
