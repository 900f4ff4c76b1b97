import { binaryCrossEntropy as binaryKernel } from '../../../../backends/tensor-kernels/binary-cross-entropy/binary-cross-entropy.ts';
import { crossEntropy as kernel } from '../../../../backends/tensor-kernels/cross-entropy/cross-entropy.ts';
import { load } from '../../../../backends/tensor-kernels/lazy.ts';
import { type View, viewOf } from '../../../../backends/tensor-kernels/tensor.ts';
import { weightedCrossEntropy as weightedKernel } from '../../../../backends/tensor-kernels/weighted-cross-entropy/weighted-cross-entropy.ts';
import type { CrossEntropyAttributes } from '../../kinds/cross-entropy.ts';
import { type Node, paddedTo4 } from '../../node.ts';
import type { Lowering } from '../lowering.ts';

/** The losses, and the logits' gradient with them. */
export function lowerCrossEntropy(node: Node<CrossEntropyAttributes>, plan: Lowering): void {
  const [logits, ...targets] = node.inputs as [Node, ...Node[]];
  const [rows = 0, classes = 0] = logits.shape;
  const [labels, partners, shares] = targets.map((target) => plan.input(target)) as [View, View, View];
  const { losses, gradient } = resultsOf(plan, rows, classes);
  plan.emit({
    kernel,
    label: node.name,
    work: 'loss',
    operands: {
      ...{ logits: plan.saved(logits, 'out'), labels, partners, shares, state: plan.state },
      ...{ losses, gradient },
    },
    parameters: {
      ...{ rows, classes, c4: paddedTo4(classes) / 4, smoothing: node.attributes.smoothing },
      lossFactor: 'lossFactor',
    },
  });
  plan.finish(node, load(losses), { losses, gradient });
}

export const lowerBinaryCrossEntropy = (node: Node<object>, plan: Lowering): void =>
  lowerByTargets(binaryKernel, node, plan);

export const lowerWeightedCrossEntropy = (node: Node<object>, plan: Lowering): void =>
  lowerByTargets(weightedKernel, node, plan);

/** The same of targets for each class. */
function lowerByTargets(
  kernel: typeof binaryKernel | typeof weightedKernel,
  node: Node<object>,
  plan: Lowering,
): void {
  const [logits, targets] = node.inputs as [Node, Node];
  const [rows = 0, classes = 0] = logits.shape;
  const { losses, gradient } = resultsOf(plan, rows, classes);
  plan.emit({
    kernel,
    label: node.name,
    work: 'loss',
    operands: {
      ...{ logits: plan.saved(logits, 'out'), targets: plan.input(targets), state: plan.state },
      ...{ losses, gradient },
    },
    parameters: { ...{ rows, classes, c4: paddedTo4(classes) / 4 }, lossFactor: 'lossFactor' },
  });
  plan.finish(node, load(losses), { losses, gradient });
}

function resultsOf(plan: Lowering, rows: number, classes: number): { losses: View; gradient: View } {
  const size = rows * paddedTo4(classes);
  return {
    losses: viewOf(plan.tensor('losses', 'state', rows)),
    gradient: viewOf(plan.tensor('gradient of the logits', 'gradients', size, 'store')),
  };
}

export function lowerCrossEntropyGradient(node: Node, plan: Lowering): void {
  const out = plan.saved(node.inputs[0] as Node, 'gradient');
  plan.finish(node, load(out));
}
