export const materializeWgsl = (): string => /* wgsl */ `
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = linearIndex(workgroup, local);
  if (i >= p.rows * p.c4) { return; }
  out_put(i, x(i / p.c4, i % p.c4));
}
`;
