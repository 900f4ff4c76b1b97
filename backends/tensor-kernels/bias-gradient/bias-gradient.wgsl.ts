/** 16 columns of 16 lanes; a lane adds every 16th row. */
export const biasGradientWgsl = (): string => /* wgsl */ `
var<workgroup> lanes: array<vec4f, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let c = workgroup.x * 16u + local % 16u;
  var sum = vec4f();
  if (c < p.c4) {
    for (var row = local / 16u; row < p.rows; row += 16u) { sum += g_at(row * p.c4 + c); }
  }
  lanes[local] = sum;
  workgroupBarrier();
  if (local >= 16u || c >= p.c4) { return; }
  for (var lane = local + 16u; lane < 256u; lane += 16u) { sum += lanes[lane]; }
  gradient_put(c, gradient_at(c) + sum);
}
`;
