export const quantizeWeightsWgsl = (): string => /* wgsl */ `
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = linearIndex(workgroup, local);
  if (i >= p.size4) { return; }
  let weight = weights_at(i);
  let scale = scales_at(i);
  let held = clamp(round(weight * reciprocals_at(i)), vec4f(-p.levels), vec4f(p.levels));
  copy_put(i, select(held * scale, weight, scale == vec4f()));
}
`;
