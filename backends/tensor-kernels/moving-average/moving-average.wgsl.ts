export const movingAverageWgsl = (): string => /* wgsl */ `
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = linearIndex(workgroup, local);
  if (i >= p.size4) { return; }
  average_put(i, p.averageDecay * average_at(i) + (1.0 - p.averageDecay) * values_at(i));
}
`;
