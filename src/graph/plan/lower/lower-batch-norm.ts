import { batchNormRunning } from '../../../../backends/tensor-kernels/batch-norm-running/batch-norm-running.ts';
import { batchNormStatistics } from '../../../../backends/tensor-kernels/batch-norm-statistics/batch-norm-statistics.ts';
import { load, normalize, vectorRows } from '../../../../backends/tensor-kernels/lazy.ts';
import { type View, viewOf } from '../../../../backends/tensor-kernels/tensor.ts';
import type { BatchNormAttributes } from '../../kinds/batch-norm.ts';
import { channelsOf, type Node } from '../../node.ts';
import type { Lowering } from '../lowering.ts';
import { moments } from '../sums.ts';

/** Its vectors are computed; its output is not stored. */
export function lowerBatchNorm(node: Node<BatchNormAttributes>, plan: Lowering): void {
  const z = plan.materialized(node.inputs[0] as Node, 'activations');
  const size = vectorRows * channelsOf(node.shape);
  const vectors = viewOf(plan.tensor(`vectors of ${node.name}`, 'vectors', size));
  if (node.attributes.isTraining) statistics(node, plan, z, vectors);
  else running(node, plan, vectors);
  plan.finish(node, normalize(load(z), vectors), { z, vectors });
}

function statistics(node: Node<BatchNormAttributes>, plan: Lowering, z: View, vectors: View): void {
  const { parts, count, chunk } = moments(plan, z);
  const { epsilon, momentum } = node.attributes;
  const channels = channelsOf(node.shape);
  plan.emit({
    kernel: batchNormStatistics,
    label: node.name,
    work: 'batch norm',
    operands: { parts, ...parametersOf(node, plan), vectors },
    parameters: {
      ...{ rows: z.size / channels, chunk, parts: count, c4: channels / 4 },
      ...{ epsilon, momentum },
    },
  });
}

function running(node: Node<BatchNormAttributes>, plan: Lowering, vectors: View): void {
  plan.emit({
    kernel: batchNormRunning,
    label: node.name,
    work: 'batch norm',
    operands: { ...parametersOf(node, plan), vectors },
    parameters: { c4: channelsOf(node.shape) / 4, epsilon: node.attributes.epsilon },
  });
}

function parametersOf({ inputs }: Node<BatchNormAttributes>, plan: Lowering) {
  const [scale, shift, runningMean, runningVariance] = inputs.slice(1).map((one) => plan.weights(one));
  return { scale, shift, runningMean, runningVariance } as Record<string, View>;
}
