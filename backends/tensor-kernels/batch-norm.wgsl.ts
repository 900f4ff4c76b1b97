import { channelVectors } from './lazy.ts';

/** WGSL of batch-norm.ts: functions that the kernels' texts call. */

const place = (vector: keyof typeof channelVectors): string => `${channelVectors[vector]}u * p.c4 + c`;

export const putNormalizationText = /* wgsl */ `
fn putNormalization(c: u32, mean: vec4f, variance: vec4f) {
  let deviation = 1.0 / sqrt(variance + p.epsilon);
  let slope = scale_at(c) * deviation;
  vectors_put(${place('scale')}, slope);
  vectors_put(${place('shift')}, shift_at(c) - slope * mean);
  vectors_put(${place('mean')}, mean);
  vectors_put(${place('deviation')}, deviation);
}
`;

const putGradientsText = /* wgsl */ `
fn putGradients(c: u32, sum: vec4f, sumOfProducts: vec4f) {
  let deviation = vectors_at(${place('deviation')});
  let slope = scale_at(c) * deviation;
  let bend = -slope * deviation * sumOfProducts / f32(p.rows);
  vectors_put(${place('slope')}, slope);
  vectors_put(${place('bend')}, bend);
  vectors_put(${place('offset')}, -slope * sum / f32(p.rows) - bend * vectors_at(${place('mean')}));
  scaleGradient_put(c, scaleGradient_at(c) + sumOfProducts);
  shiftGradient_put(c, shiftGradient_at(c) + sum);
}
`;

/**
 * A shader of 16 columns of 16 lanes, which adds up a batch norm's sums and puts the gradients. `addTerms` is a lane's loop: it
 * adds every 16th term of channels `c`, from `lane` on, to `sums.own` (g) and `sums.products` (g xhat).
 */
export const gradientsByLanes = (addTerms: string): string => /* wgsl */ `
struct Sums { own: vec4f, products: vec4f }
var<workgroup> lanes: array<Sums, 256>;
${putGradientsText}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let c = workgroup.x * 16u + local % 16u;
  let lane = local / 16u;
  var sums = Sums();
  if (c < p.c4) {
    ${addTerms}
  }
  lanes[local] = sums;
  workgroupBarrier();
  if (local >= 16u || c >= p.c4) { return; }
  for (var i = local + 16u; i < 256u; i += 16u) {
    sums.own += lanes[i].own;
    sums.products += lanes[i].products;
  }
  putGradients(c, sums.own, sums.products);
}
`;
