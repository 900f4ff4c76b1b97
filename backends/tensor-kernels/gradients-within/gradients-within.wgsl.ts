export const gradientsWithinWgsl = (): string => /* wgsl */ `
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = linearIndex(workgroup, local);
  if (i >= p.size4) { return; }
  let isWithin = abs(weights_at(i) * reciprocals_at(i)) < vec4f(p.limit);
  gradients_put(i, select(vec4f(), gradients_at(i), isWithin));
}
`;
