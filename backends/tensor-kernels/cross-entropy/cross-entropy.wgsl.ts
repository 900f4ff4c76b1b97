import { largestOfLanes, largestOfRow } from '../largest-of-row.wgsl.ts';

/**
 * A workgroup for each row. Values count from the row's largest. As the target sums to 1, the loss is the logarithm of the
 * sum of exponentials less the target's mean of the values: the sum of all and those of two classes are enough.
 */
export const crossEntropyWgsl = (): string => /* wgsl */ `
${largestOfLanes}// sums of exponentials, and of values
var<workgroup> laneSums: array<vec2f, 64>;

fn channels(c: u32) -> vec4u { return 4u * c + vec4u(0u, 1u, 2u, 3u); }
fn isClass(c: u32) -> vec4<bool> { return channels(c) < vec4u(p.classes); }
fn sum4(v: vec4f) -> f32 { return dot(v, vec4f(1.0)); }
fn logit(first: u32, channel: u32) -> f32 { return logits_at(first + channel / 4u)[channel % 4u]; }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = workgroup.x;
  let first = row * p.c4;

${largestOfRow}
  var sums = vec2f();
  for (var c = local; c < p.c4; c += 64u) {
    let values = logits_at(first + c) - largest;
    sums += vec2f(sum4(select(vec4f(), exp(values), isClass(c))), sum4(select(vec4f(), values, isClass(c))));
  }
  laneSums[local] = sums;
  workgroupBarrier();
  sums = vec2f();
  for (var lane = 0u; lane < 64u; lane++) { sums += laneSums[lane]; }

  let label = labels_at(row);
  let partner = partners_at(row);
  let share = shares_at(row) * (1.0 - p.smoothing);
  let partnersShare = (1.0 - shares_at(row)) * (1.0 - p.smoothing);
  let everyShare = p.smoothing / f32(p.classes);
  if (local == 0u) {
    let own = share * (logit(first, label) - largest) + partnersShare * (logit(first, partner) - largest);
    losses_put(row, log(sums.x) - own - everyShare * sums.y);
  }
  let factor = state_at(0u) * p.lossFactor / f32(p.rows);
  for (var c = local; c < p.c4; c += 64u) {
    let own = select(vec4f(), vec4f(share), channels(c) == vec4u(label));
    let partners = select(vec4f(), vec4f(partnersShare), channels(c) == vec4u(partner));
    let probability = exp(logits_at(first + c) - largest) / sums.x;
    let gradient = (probability - own - partners - everyShare) * factor;
    gradient_put(first + c, select(vec4f(), gradient, isClass(c)));
  }
}
`;
