import {
  type Lazy,
  load,
  multiply,
  quantize as quantizeOf,
  withinRange,
} from '../../../../backends/tensor-kernels/lazy.ts';
import { materialize } from '../../../../backends/tensor-kernels/materialize/materialize.ts';
import { type View, viewOf } from '../../../../backends/tensor-kernels/tensor.ts';
import { sizeOf } from '../../../models/parameters.ts';
import { input } from '../../kinds/input.ts';
import { quantize } from '../../kinds/quantize.ts';
import { siluGradient } from '../../kinds/silu.ts';
import { isKind, type Node, paddedSizeOf, paddedTo4 } from '../../node.ts';
import type { Lowering } from '../lowering.ts';

/** Rounding takes less time than to load what was stored rounded: all who read the value round it. Images are stored. */
export function lowerQuantize(node: Node, plan: Lowering): void {
  const x = node.inputs[0] as Node;
  if (isKind(x, input)) finishImages(node, plan, quantizeOf(load(plan.input(x)), plan.range(node)));
  else plan.finish(node, quantizeOf(plan.value(x), plan.range(node)));
}

export function lowerQuantizeGradient(node: Node, plan: Lowering): void {
  const [gradient, x] = node.inputs as [Node, Node];
  const isThere = isKind(gradient, siluGradient) && gradient.inputs[1]?.name === node.name;
  if (isThere) plan.finish(node, plan.value(gradient));
  else plan.finish(node, multiply(plan.value(gradient), withinRange(plan.value(x), plan.range(node))));
}

/** The gradient of what is activated, where it is rounded before: only what passes is stored, and summed. */
export function withinRangeOf(x: Node, plan: Lowering, gradient: Lazy): Lazy {
  if (!isKind(x, quantize)) return gradient;
  return multiply(gradient, withinRange(plan.value(x.inputs[0] as Node), plan.range(x)));
}

export function lowerObserve(node: Node, plan: Lowering): void {
  const x = node.inputs[0] as Node;
  if (isKind(x, input)) {
    plan.observed.set(node.name, finishImages(node, plan, load(plan.input(x))));
    return;
  }
  const out = viewOf(plan.tensor(node.name, 'activations', paddedSizeOf(node.shape)));
  plan.observed.set(node.name, plan.store(node, plan.value(x), 'activations', 'observed', out));
  plan.finish(node, load(out));
}

/** Images have 3 channels: kernels take them as rows of 4 values. */
function finishImages(node: Node, plan: Lowering, value: Lazy): View {
  const size = paddedTo4(sizeOf(node.shape));
  const images = viewOf(plan.tensor(node.name, 'activations', size));
  const parameters = { rows: size / 4, c4: 1, sampleRows: size / 4 };
  const operands = { x: value, out: images };
  plan.emit({ kernel: materialize, label: node.name, work: 'images', operands, parameters });
  plan.finish(node, load(images), { images });
  return images;
}
