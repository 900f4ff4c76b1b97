import type { KernelForm } from '../kernel-form.ts';
import { updateFunctions } from '../weight-update.wgsl.ts';

export const sgdWgsl = (form: KernelForm): string => /* wgsl */ `
${updateFunctions(form)}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = linearIndex(workgroup, local);
  if (i >= p.size4 || isSkipped()) { return; }
  let weights = weights_at(i);
  let gradient = gradientOf(i, weights);
  let velocity = p.momentum * velocity_at(i) + gradient;
  velocity_put(i, velocity);
  putWeights(i, weights - p.learningRate * (${form.constants['nesterov'] === 1 ? 'gradient + p.momentum * velocity' : 'velocity'}));
}
`;
