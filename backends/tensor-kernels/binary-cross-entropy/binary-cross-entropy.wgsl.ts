/**
 * A workgroup for each row. Neither exponential nor logarithm takes a number that is large: e^-|x| is at most 1. Where it is
 * small, 1 + e^-|x| would lose it, and the logarithm's series is exact enough.
 */
export const binaryCrossEntropyWgsl = (): string => /* wgsl */ `
var<workgroup> laneSums: array<f32, 64>;

fn isClass(c: u32) -> vec4<bool> { return 4u * c + vec4u(0u, 1u, 2u, 3u) < vec4u(p.classes); }
fn sum4(v: vec4f) -> f32 { return dot(v, vec4f(1.0)); }
fn logarithmOfOneAnd(e: vec4f) -> vec4f {
  return select(log(1.0 + e), e * (1.0 - e * (0.5 - e / 3.0)), e < vec4f(0.01));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = workgroup.x;
  let first = row * p.c4;
  let factor = state_at(0u) * p.lossFactor / f32(p.rows) / f32(p.classes);

  var sum = 0.0;
  for (var c = local; c < p.c4; c += 64u) {
    let x = vec4f(logits_at(first + c));
    let wanted = targets_at(first + c);
    let e = exp(-abs(x));
    let losses = max(x, vec4f()) - x * wanted + logarithmOfOneAnd(e);
    sum += sum4(select(vec4f(), losses, isClass(c)));
    let probability = select(e, vec4f(1.0), x >= vec4f()) / (1.0 + e);
    gradient_put(first + c, select(vec4f(), (probability - wanted) * factor, isClass(c)));
  }
  laneSums[local] = sum;
  workgroupBarrier();
  if (local == 0u) {
    sum = 0.0;
    for (var lane = 0u; lane < 64u; lane++) { sum += laneSums[lane]; }
    losses_put(row, sum / f32(p.classes));
  }
}
`;
