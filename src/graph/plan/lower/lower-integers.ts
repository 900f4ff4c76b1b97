import {
  type Lazy,
  load,
  lookup as lookUp,
  lookupPair as lookUpPair,
  requantize as requantized,
  rescale as rescaled,
} from '../../../../backends/tensor-kernels/lazy.ts';
import { quantizeImages as quantizeImagesKernel } from '../../../../backends/tensor-kernels/quantize-images/quantize-images.ts';
import { viewOf } from '../../../../backends/tensor-kernels/tensor.ts';
import { sizeOf } from '../../../models/parameters.ts';
import { type Node, paddedTo4 } from '../../node.ts';
import type { Lowering } from '../lowering.ts';

export function lowerQuantizeImages(node: Node, plan: Lowering): void {
  const [images, thresholds] = node.inputs as [Node, Node];
  const size = paddedTo4(sizeOf(node.shape));
  const out = viewOf(plan.tensor(node.name, 'activations', size));
  plan.emit({
    ...{ kernel: quantizeImagesKernel, label: node.name, work: 'images' },
    operands: { images: plan.input(images), thresholds: plan.weights(thresholds), out },
    parameters: { size4: size / 4 },
  });
  plan.finish(node, load(out), { images: out });
}

export function lowerRequantize(node: Node, plan: Lowering): void {
  const [x, vectors] = node.inputs as [Node, Node];
  const value = requantized(plan.value(x), plan.constants(vectors));
  finish(node, plan, value, plan.device.stores.activated && plan.uses(node) > 1);
}

export function lowerLookup(node: Node, plan: Lowering): void {
  const [x, table] = node.inputs as [Node, Node];
  const { lookedUp, activated } = plan.device.stores;
  const value = lookUp(plan.value(x), plan.constants(table));
  finish(node, plan, value, lookedUp || (activated && plan.uses(node) > 1));
}

const finish = (node: Node, plan: Lowering, value: Lazy, isStored: boolean): void =>
  plan.finish(node, isStored ? load(plan.store(node, value, 'activations', 'activation')) : value);

export function lowerLookupPair(node: Node, plan: Lowering): void {
  const [a, b, table] = node.inputs as [Node, Node, Node];
  const value = lookUpPair(plan.value(a), plan.value(b), plan.constants(table));
  plan.finish(node, load(plan.store(node, value, 'activations', 'residual')));
}

/** The logits, padded as those of `dense` are. */
export function lowerRescale(node: Node, plan: Lowering): void {
  const [x, vectors] = node.inputs as [Node, Node];
  const [rows = 0, classes = 0] = node.shape;
  const shape = [rows, paddedTo4(classes)];
  const out = viewOf(plan.tensor(node.name, 'vectors', sizeOf(shape)));
  const value = rescaled(plan.value(x), plan.constants(vectors));
  plan.store({ ...node, shape }, value, 'vectors', 'dense', out);
  plan.finish(node, load(out), { out });
}
