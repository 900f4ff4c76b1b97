import { largestOfLanes, largestOfRow } from '../largest-of-row.wgsl.ts';

/**
 * A workgroup for each row. Values count from the row's largest. The loss is the targets' sum times the logarithm of the sum
 * of exponentials, less the sum of the values by their targets.
 */
export const weightedCrossEntropyWgsl = (): string => /* wgsl */ `
${largestOfLanes}// sums of exponentials, of targets, and of values by their targets
var<workgroup> laneSums: array<vec3f, 64>;

fn isClass(c: u32) -> vec4<bool> { return 4u * c + vec4u(0u, 1u, 2u, 3u) < vec4u(p.classes); }
fn sum4(v: vec4f) -> f32 { return dot(v, vec4f(1.0)); }
fn target4(first: u32, c: u32) -> vec4f { return select(vec4f(), vec4f(targets_at(first + c)), isClass(c)); }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = workgroup.x;
  let first = row * p.c4;

${largestOfRow}
  var sums = vec3f();
  for (var c = local; c < p.c4; c += 64u) {
    let values = logits_at(first + c) - largest;
    let exponentials = select(vec4f(), exp(values), isClass(c));
    let wanted = target4(first, c);
    sums += vec3f(sum4(exponentials), sum4(wanted), sum4(select(vec4f(), wanted * values, isClass(c))));
  }
  laneSums[local] = sums;
  workgroupBarrier();
  sums = vec3f();
  for (var lane = 0u; lane < 64u; lane++) { sums += laneSums[lane]; }

  if (local == 0u) { losses_put(row, sums.y * log(sums.x) - sums.z); }
  let factor = state_at(0u) * p.lossFactor / f32(p.rows);
  for (var c = local; c < p.c4; c += 64u) {
    let probability = exp(logits_at(first + c) - largest) / sums.x;
    let gradient = (sums.y * probability - target4(first, c)) * factor;
    gradient_put(first + c, select(vec4f(), gradient, isClass(c)));
  }
}
`;
