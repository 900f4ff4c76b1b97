import { load } from '../../../../backends/tensor-kernels/lazy.ts';
import { squeezeExcite as kernel } from '../../../../backends/tensor-kernels/squeeze-excite/squeeze-excite.ts';
import { squeezeExciteFilterGradient } from '../../../../backends/tensor-kernels/squeeze-excite-filter-gradient/squeeze-excite-filter-gradient.ts';
import { squeezeExciteGradient } from '../../../../backends/tensor-kernels/squeeze-excite-gradient/squeeze-excite-gradient.ts';
import { type View, viewOf } from '../../../../backends/tensor-kernels/tensor.ts';
import { learns } from '../../kinds/parameter.ts';
import type { Node } from '../../node.ts';
import type { Lowering } from '../lowering.ts';

const work = 'squeeze and excite';

export function lowerSqueezeExcite(node: Node, plan: Lowering): void {
  const { name, inputs } = node;
  const { samples, channels, squeezed } = sizesOf(node);
  const mean = plan.materialized(inputs[0] as Node, 'vectors');
  const hidden = viewOf(plan.tensor(`hidden of ${name}`, 'vectors', samples * squeezed));
  const factors = viewOf(plan.tensor(`factors of ${name}`, 'vectors', samples * channels));
  const operands = { mean, ...weightsOf(node, (one) => plan.weights(one)), hidden, factors };
  plan.emit({ kernel, label: name, work, operands, parameters: { samples, channels, squeezed } });
  plan.finish(node, load(factors), { mean, hidden, factors });
}

export function lowerSqueezeExciteGradient(node: Node, plan: Lowering): void {
  const [gradient, forward] = node.inputs as [Node, Node];
  const { name } = node;
  const sizes = sizesOf(forward);
  const { samples, channels, squeezed } = sizes;
  const vector = (what: string, size: number) => viewOf(plan.tensor(`${what} of ${name}`, 'vectors', size));
  const exciteGradient = vector('gradient of the excitation', samples * channels);
  const squeezeGradient = vector('gradient of the squeeze', samples * squeezed);
  const meanGradient = vector('gradient of the mean', samples * channels);
  const [hidden, mean] = [plan.saved(forward, 'hidden'), plan.saved(forward, 'mean')];
  const factors = plan.saved(forward, 'factors');
  const { squeezeWeight, exciteWeight } = weightsOf(forward, (one) => plan.weights(one));
  const factorGradient = plan.materialized(gradient, 'vectors');
  const operands = {
    ...{ factorGradient, factors, hidden, squeezeWeight, exciteWeight },
    ...{ exciteGradient, squeezeGradient, meanGradient },
  };
  plan.emit({ kernel: squeezeExciteGradient, label: name, work, operands, parameters: sizes });
  plan.finish(node, load(meanGradient));
  // one kernel adds them all: those of a layer that does not learn are for nothing
  if (!forward.inputs.slice(1).some(learns)) return;
  const gradients = weightsOf(forward, (one) => plan.gradient(one));
  plan.emit({
    ...{ kernel: squeezeExciteFilterGradient, label: name, work, parameters: sizes },
    operands: {
      ...{ exciteGradient, squeezeGradient, hidden, mean },
      squeezeWeightGradient: gradients.squeezeWeight,
      squeezeBiasGradient: gradients.squeezeBias,
      exciteWeightGradient: gradients.exciteWeight,
      exciteBiasGradient: gradients.exciteBias,
    },
  });
}

function sizesOf({ shape, inputs }: Node) {
  const [samples = 0, channels = 0] = shape;
  return { samples, channels, squeezed: inputs[1]?.shape[0] as number };
}

function weightsOf({ inputs }: Node, viewOfOne: (node: Node) => View) {
  const views = inputs.slice(1).map(viewOfOne) as [View, View, View, View];
  const [squeezeWeight, squeezeBias, exciteWeight, exciteBias] = views;
  return { squeezeWeight, squeezeBias, exciteWeight, exciteBias };
}
