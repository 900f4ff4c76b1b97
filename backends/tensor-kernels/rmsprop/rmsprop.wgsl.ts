import type { KernelForm } from '../kernel-form.ts';
import { updateFunctions } from '../weight-update.wgsl.ts';

export const rmspropWgsl = (form: KernelForm): string => /* wgsl */ `
${updateFunctions(form)}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = linearIndex(workgroup, local);
  if (i >= p.size4 || isSkipped()) { return; }
  let weights = weights_at(i);
  let gradient = gradientOf(i, weights);
  let square = p.alpha * square_at(i) + (1.0 - p.alpha) * gradient * gradient;
  square_put(i, square);
  let divisor = sqrt(square) + p.epsilon;
  let velocity = p.momentum * velocity_at(i) + select(gradient / divisor, vec4f(), divisor == vec4f());
  velocity_put(i, velocity);
  putWeights(i, weights - p.learningRate * velocity);
}
`;
