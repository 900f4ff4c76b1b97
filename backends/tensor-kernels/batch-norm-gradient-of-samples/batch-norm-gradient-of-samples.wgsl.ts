import { putGradientsText } from '../batch-norm.wgsl.ts';
import type { KernelForm } from '../kernel-form.ts';

/** 16 columns of 16 lanes; a lane adds every 16th sample. */
export const batchNormGradientOfSamplesWgsl = ({ count }: KernelForm): string => /* wgsl */ `
struct Sums { own: vec4f, products: vec4f }
var<workgroup> lanes: array<Sums, 256>;
${putGradientsText}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let c = workgroup.x * 16u + local % 16u;
  var sums = Sums();
  if (c < p.c4) {
    for (var n = local / 16u; n < p.samples; n += 16u) {${Array.from({ length: count('factors') }, (_, j) => addFactor(j)).join('')}
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

const addFactor = (j: number): string => `
      let factor${j} = factors${j}(n, c);
      sums.own += factor${j} * sums_at(((p.first + ${2 * j}u) * p.samples + n) * p.c4 + c);
      sums.products += factor${j} * sums_at(((p.first + ${2 * j + 1}u) * p.samples + n) * p.c4 + c);`;
