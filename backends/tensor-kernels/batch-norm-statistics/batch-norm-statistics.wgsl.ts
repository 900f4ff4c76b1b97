import { putNormalizationText } from '../batch-norm.wgsl.ts';

/** 16 columns of 16 lanes. A lane merges parts that follow one another, by Chan's formula: nothing cancels. */
export const batchNormStatisticsWgsl = (): string => /* wgsl */ `
struct Moments { rows: f32, mean: vec4f, squares: vec4f }
var<workgroup> lanes: array<Moments, 256>;

fn merged(a: Moments, b: Moments) -> Moments {
  let rows = a.rows + b.rows;
  let distance = b.mean - a.mean;
  let share = b.rows / rows;
  return Moments(rows, a.mean + distance * share, a.squares + b.squares + distance * distance * (a.rows * share));
}

fn part(i: u32, c: u32) -> Moments {
  let rows = min(p.chunk, p.rows - i * p.chunk);
  return Moments(f32(rows), parts_at(2u * i * p.c4 + c), parts_at((2u * i + 1u) * p.c4 + c));
}
${putNormalizationText}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let c = workgroup.x * 16u + local % 16u;
  let partsPerLane = (p.parts + 15u) / 16u;
  let first = local / 16u * partsPerLane;
  var moments = Moments();
  if (c < p.c4) {
    for (var i = first; i < min(first + partsPerLane, p.parts); i++) { moments = merged(moments, part(i, c)); }
  }
  lanes[local] = moments;
  workgroupBarrier();
  if (local >= 16u || c >= p.c4) { return; }
  for (var lane = local + 16u; lane < 256u; lane += 16u) {
    if (lanes[lane].rows > 0.0) { moments = merged(moments, lanes[lane]); }
  }
  putNormalization(c, moments.mean, moments.squares / f32(p.rows));
  let variance = moments.squares / f32(max(p.rows, 2u) - 1u);
  runningMean_put(c, (1.0 - p.momentum) * runningMean_at(c) + p.momentum * moments.mean);
  runningVariance_put(c, (1.0 - p.momentum) * runningVariance_at(c) + p.momentum * variance);
}
`;
