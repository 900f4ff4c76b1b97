import { putGradientsText } from '../batch-norm.wgsl.ts';

/** 16 columns of 16 lanes; a lane adds every 16th part. */
export const batchNormGradientWgsl = (): string => /* wgsl */ `
struct Sums { own: vec4f, products: vec4f }
var<workgroup> lanes: array<Sums, 256>;
${putGradientsText}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let c = workgroup.x * 16u + local % 16u;
  var sums = Sums();
  if (c < p.c4) {
    for (var part = local / 16u; part < p.parts; part += 16u) {
      sums.own += parts_at(2u * part * p.c4 + c);
      sums.products += parts_at((2u * part + 1u) * p.c4 + c);
    }
  }
  lanes[local] = sums;
  workgroupBarrier();
  if (local >= 16u || c >= p.c4) { return; }
  for (var lane = local + 16u; lane < 256u; lane += 16u) {
    sums.own += lanes[lane].own;
    sums.products += lanes[lane].products;
  }
  putGradients(c, sums.own, sums.products);
}
`;
