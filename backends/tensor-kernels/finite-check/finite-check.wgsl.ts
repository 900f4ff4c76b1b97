/** Looks at the bits: compilers may take for granted that float arithmetic gives finite numbers. */
export const finiteCheckWgsl = (): string => /* wgsl */ `
const exponent = vec4u(0x7f800000u);

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = linearIndex(workgroup, local);
  if (i >= p.size4) { return; }
  let bits = bitcast<vec4u>(gradients_at(i));
  if (any((bits & exponent) == exponent)) { atomicStore(&flag[0], 1u); }
}
`;
