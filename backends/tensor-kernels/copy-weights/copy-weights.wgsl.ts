export const copyWeightsWgsl = (): string => /* wgsl */ `
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = linearIndex(workgroup, local);
  if (i < p.size4) { copy_put(i, weights_at(i)); }
}
`;
