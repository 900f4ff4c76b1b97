import {
  load,
  multiply,
  overRows,
  perSample,
  sampleFactor,
  sigmoid as sigmoidOf,
  sigmoidSlope,
  silu as siluOf,
  siluSlope,
} from '../../../../backends/tensor-kernels/lazy.ts';
import { quantizeGradient } from '../../kinds/quantize.ts';
import { isKind, type Node } from '../../node.ts';
import type { Lowering } from '../lowering.ts';
import { withinRangeOf } from './lower-quantize.ts';

// but for activations on some devices, none of these is stored: a kernel that reads one computes it

export function lowerSilu(node: Node, plan: Lowering): void {
  const value = siluOf(plan.value(node.inputs[0] as Node));
  const isStored = plan.device.stores.activated && plan.uses(node) > 1;
  plan.finish(node, isStored ? load(plan.store(node, value, 'activations', 'activation')) : value);
}

export function lowerSiluGradient(node: Node, plan: Lowering): void {
  const [gradient, x, y] = node.inputs as [Node, Node, Node];
  const activated = plan.value(y);
  const slope = siluSlope(plan.value(x), activated.kind === 'load' ? activated.view : undefined);
  const value = withinRangeOf(x, plan, multiply(plan.value(gradient), slope));
  plan.finish(
    node,
    plan.device.stores.gradients ? load(plan.storeGradient(node, value, plan.placeOf(gradient))) : value,
  );
}

/** Its value is small, read for every pixel, and its slope is computed from it: it is stored. */
export function lowerSigmoid(node: Node, plan: Lowering): void {
  const value = sigmoidOf(plan.value(node.inputs[0] as Node));
  plan.finish(node, load(plan.store(node, value, 'vectors', 'squeeze and excite')));
}

export function lowerSigmoidGradient(node: Node, plan: Lowering): void {
  const [gradient, y] = node.inputs as [Node, Node];
  plan.finish(node, multiply(plan.value(gradient), sigmoidSlope(plan.value(y))));
}

export function lowerScaleChannels(node: Node, plan: Lowering): void {
  const [x, factors] = node.inputs as [Node, Node];
  const factor = plan.storeOnce(factors, 'vectors', 'squeeze and excite');
  const value = multiply(plan.value(x), perSample(factor));
  const isStored = plan.device.stores.scaled && plan.uses(node) > 1;
  plan.finish(node, isStored ? load(plan.store(node, value, 'activations', 'squeeze and excite')) : value);
}

export function lowerScaleSamples(node: Node, plan: Lowering): void {
  const [x, factors] = node.inputs as [Node, Node];
  plan.finish(node, multiply(plan.value(x), sampleFactor(plan.input(factors))));
}

export function lowerScaleFeatures(node: Node, plan: Lowering): void {
  const [x, factors] = node.inputs as [Node, Node];
  plan.finish(node, multiply(plan.value(x), load(plan.input(factors))));
}

/** What passes a range is stored: a GPU would bind the mean and its range as well, and more than it can. */
export function lowerSpatialMeanGradient(node: Node, plan: Lowering): void {
  const gradient = node.inputs[0] as Node;
  const value = isKind(gradient, quantizeGradient)
    ? plan.storeOnce(gradient, 'vectors', 'squeeze and excite')
    : plan.value(gradient);
  plan.finish(node, overRows(perSample(value)));
}
