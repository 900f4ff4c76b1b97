import { batchNormGradient } from '../../../../backends/tensor-kernels/batch-norm-gradient/batch-norm-gradient.ts';
import { batchNormGradientOfSamples } from '../../../../backends/tensor-kernels/batch-norm-gradient-of-samples/batch-norm-gradient-of-samples.ts';
import {
  type Lazy,
  load,
  multiply,
  rescale,
  standardize,
  unnormalize,
} from '../../../../backends/tensor-kernels/lazy.ts';
import { type View, viewOf } from '../../../../backends/tensor-kernels/tensor.ts';
import type { BatchNormAttributes } from '../../kinds/batch-norm.ts';
import { learns } from '../../kinds/parameter.ts';
import { channelsOf, type Node, rowsOf, sampleRowsOf } from '../../node.ts';
import type { Lowering } from '../lowering.ts';
import { type FactoredTerm, factored } from '../per-sample-factors.ts';
import { moreSumsOfSamples, sumsOverRows } from '../sums.ts';

/**
 * Sums of the output's gradient, and of its product with the normalised input, are the gradients of scale and shift. Where the
 * statistics are the batch's own, the input's gradient needs them too.
 */
export function lowerBatchNormGradient(node: Node, plan: Lowering): void {
  const [gradient, forward] = node.inputs as [Node, Node<BatchNormAttributes>];
  const [z, vectors] = [plan.saved(forward, 'z'), plan.saved(forward, 'vectors')];
  const g = plan.value(gradient);
  const { isTraining } = forward.attributes;
  if (isTraining || learns(forward.inputs[1] as Node)) sum(node, plan, g, z, vectors);
  if (plan.uses(node) === 0) return;
  const value = isTraining ? unnormalize(g, load(z), vectors) : rescale(g, vectors);
  plan.finish(node, plan.device.stores.gradients ? load(stored(node, plan, value)) : value);
}

function sum(node: Node, plan: Lowering, g: Lazy, z: View, vectors: View): void {
  const forward = node.inputs[1] as Node;
  const terms = factored(g);
  const distance = standardize(load(z), vectors);
  const operands = { ...parametersOf(forward, plan), vectors };
  if (terms.every(({ factor }) => factor !== undefined)) bySamples(node, plan, terms, distance, operands);
  else byRows(node, plan, g, distance, operands);
}

function stored(node: Node, plan: Lowering, value: Lazy): View {
  const place = plan.placeOf(node.inputs[0] as Node);
  return plan.store(node, value, 'gradients', 'batch norm gradient', place);
}

function byRows(node: Node, plan: Lowering, g: Lazy, distance: Lazy, operands: Record<string, View>): void {
  const { parts, count } = sumsOverRows(plan, node, [g, multiply(g, distance)]);
  const parameters = { rows: rowsOf(node.shape), parts: count, c4: channelsOf(node.shape) / 4 };
  plan.emit({
    kernel: batchNormGradient,
    label: node.name,
    work: 'batch norm',
    operands: { parts, ...operands },
    parameters,
  });
}

function bySamples(
  node: Node,
  plan: Lowering,
  terms: readonly FactoredTerm[],
  distance: Lazy,
  operands: Record<string, View>,
): void {
  const { shape } = node;
  const summed = terms.flatMap(({ rest }) => [rest, multiply(rest, distance)]);
  const { tensor, first } = moreSumsOfSamples(plan, node, summed, 'batch norm sums');
  const factors = Object.fromEntries(terms.map(({ factor }, i) => [`factors${i}`, factor as Lazy]));
  const parameters = {
    ...{ rows: rowsOf(shape), samples: shape[0] as number, sampleRows: sampleRowsOf(shape) },
    ...{ c4: channelsOf(shape) / 4, first },
  };
  plan.emit({
    kernel: batchNormGradientOfSamples,
    label: node.name,
    work: 'batch norm',
    operands: { sums: viewOf(tensor), ...factors, ...operands },
    parameters,
  });
}

function parametersOf({ inputs }: Node, plan: Lowering) {
  const [scale, shift] = inputs.slice(1, 3) as [Node, Node];
  return {
    scale: plan.weights(scale),
    scaleGradient: plan.gradient(scale),
    shiftGradient: plan.gradient(shift),
  };
}
