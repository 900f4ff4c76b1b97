import { expect, it } from 'vitest';
import { bindingsOf } from '../../../backends/tensor-kernels/bindings.ts';
import { modelGraph } from '../../../src/graph/model-graph.ts';
import { gpuTraits, quantizedTraits } from '../../../src/graph/plan/device-traits.ts';
import { planParameters } from '../../../src/graph/plan/parameter-plan.ts';
import { evaluationProgram, stepProgram } from '../../../src/graph/plan/programs.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { placements, placesOf } from '../../../src/quantization/placement.ts';

const model = efficientNet({ classes: 10 });

it.for(placements)('binds no more than 10 buffers on a GPU, where 10 are allowed: %s', (placement) => {
  const quantization = placesOf(model, placement);
  const shape = { rows: 2, height: 64, width: 64, images: 'f16', quantization } as const;
  const device = quantizedTraits(gpuTraits({ mostBindings: 10 }));
  const graphOf = (training?: { labelSmoothing: number }) =>
    modelGraph(model, { ...shape, ...(training && { training }) });
  const settings = { optimizer: 'sgd' } as const;
  const parameters = planParameters(graphOf().graph, { settings, isMixed: false, device, quantization });
  const calls = [
    ...stepProgram(graphOf({ labelSmoothing: 0.1 }), parameters).phases.step.calls,
    ...evaluationProgram(graphOf(), parameters, parameters.weights).phases.evaluate.calls,
  ];
  for (const call of calls)
    expect(bindingsOf(call).length, `${call.label}: ${call.kernel.name}`).toBeLessThanOrEqual(10);
});
