import type { KernelForm } from '../kernel-form.ts';
import { upTo } from '../up-to.ts';
import { filterGradientByMatrix } from './by-matrix.wgsl.ts';

/** By the device's matrix units, where it has such. */
export const pointwiseFilterGradientWgsl = (form: KernelForm): string =>
  `${putWeights(form)}${form.matrix ? filterGradientByMatrix(form.matrix) : filterGradientByThreads()}`;

/** Writes 4 weights of a part, or adds them to the gradient. */
const putWeights = (form: KernelForm): string => `
fn putWeights(i: u32, sum: vec4f) { ${
  form.has('gradient') ? 'gradient_put(i, gradient_at(i) + sum);' : 'parts_put(i, sum);'
} }
`;

/** A workgroup computes 128 x 64 weights of a part, 16 rows at a time; a thread 8 output channels x 4 input channels. */
const filterGradientByThreads = (): string => /* wgsl */ `
// groups of 4 channels: [16 rows][32 groups] and [16 rows][16 groups]
var<workgroup> gradients: array<vec4<Factor>, 512>;
var<workgroup> inputs: array<vec4<Factor>, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let column = local % 16u;
  let lane = local / 16u;
  let c = 16u * workgroup.x + column;
  let output = 32u * workgroup.y + 2u * lane;
  let end = min((workgroup.z + 1u) * p.chunk, p.rows);
  ${eachWeightRow((i) => `var sum${i} = vec4f();`)}
  for (var tile = workgroup.z * p.chunk; tile < end; tile += 16u) {
    let rows = min(16u, end - tile);
    let gradient = 32u * workgroup.y + local % 32u;
    if (gradient < p.n4) {
      for (var row = local / 32u; row < rows; row += 8u) { gradients[32u * row + local % 32u] = Factor4(g(tile + row, gradient)); }
    }
    if (lane < rows && c < p.k4) { inputs[local] = Factor4(x(tile + lane, c)); }
    workgroupBarrier();
    // threads outside the filter leave the multiplication out
    let own = select(0u, rows, c < p.k4 && output < p.n4);
    for (var row = 0u; row < own; row++) {
      let factors = vec4f(inputs[16u * row + column]);
      let at = 32u * row + 2u * lane;
      let gradient0 = vec4f(gradients[at]);
      let gradient1 = vec4f(gradients[at + 1u]);
      ${eachWeightRow((i) => `sum${i} += gradient${Math.floor(i / 4)}[${i % 4}] * factors;`)}
    }
    workgroupBarrier();
  }
  if (c < p.k4) {
    let first = workgroup.z * 4u * p.n4 + 4u * output;
    if (output < p.n4) { ${[0, 1, 2, 3].map(putSum).join(' ')} }
    if (output + 1u < p.n4) { ${[4, 5, 6, 7].map(putSum).join(' ')} }
  }
}
`;

const eachWeightRow = (text: (i: number) => string): string => upTo(8).map(text).join(' ');

const putSum = (i: number): string => `putWeights((first + ${i}u) * p.k4 + c, sum${i});`;
