export const sumPartsWgsl = (): string => /* wgsl */ `
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = linearIndex(workgroup, local);
  if (i >= p.size4) { return; }
  var sum = vec4f();
  for (var part = 0u; part < p.parts; part++) { sum += parts_at(part * p.size4 + i); }
  gradient_put(i, gradient_at(i) + sum);
}
`;
