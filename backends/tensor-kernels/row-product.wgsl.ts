import type { KernelForm } from './kernel-form.ts';
import { type RowProduct, tileRows } from './row-product.ts';
import { rowProductByMatrix } from './row-product-by-matrix.wgsl.ts';
import { upTo } from './up-to.ts';

const THREAD_ROWS = tileRows / 16;

/** By the device's matrix units, where it has such. */
export const rowProductWgsl = (product: RowProduct, form: KernelForm): string =>
  form.matrix ? rowProductByMatrix(product, form, form.matrix) : rowProductByThreads(product, form);

/** A workgroup computes 64 output channels of a chunk of rows, tile after tile, 16 factors at a time. */
function rowProductByThreads(product: RowProduct, { epilogue }: KernelForm): string {
  const { place, multiply } = weightTexts[product.weights];
  return /* wgsl */ `
// groups of 4 factors: [4][rows of the tile]
var<workgroup> rowFactors: array<vec4<Factor>, ${4 * tileRows}>;
var<workgroup> weightFactors: array<vec4<Factor>, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let column = local % 16u;
  let lane = local / 16u;
  let c = 16u * workgroup.x + column;
  let end = min((workgroup.y + 1u) * p.chunk, p.rows);
  ${epilogue.begin}
  for (var tile = workgroup.y * p.chunk; tile < end; tile += ${tileRows}u) {
    let top = tile + ${THREAD_ROWS}u * lane;
    ${eachRow((i) => `var sum${i} = vec4f();`)}
    for (var group = 0u; group < p.k4; group += 4u) {
      let groups = min(4u, p.k4 - group);
      ${placeRows(product.rows)}
      ${place}
      workgroupBarrier();
      // threads outside the output leave the multiplication out
      let own = select(0u, groups, c < p.n4 && top < end);
      for (var k = 0u; k < own; k++) {
        let at = 64u * k + column;
        let weights0 = vec4f(weightFactors[at]);
        let weights1 = vec4f(weightFactors[at + 16u]);
        let weights2 = vec4f(weightFactors[at + 32u]);
        let weights3 = vec4f(weightFactors[at + 48u]);
        let line = ${tileRows}u * k + ${THREAD_ROWS}u * lane;
        ${eachRow((i) => `{ let factors = vec4f(rowFactors[line + ${i}u]); sum${i} += ${multiply}; }`)}
      }
      workgroupBarrier();
    }
    if (c < p.n4) {
      let sums = array<vec4f, ${THREAD_ROWS}>(${eachRow((i) => `sum${i}`, ', ')});
      for (var row = top; row < min(top + ${THREAD_ROWS}u, end); row++) {
        let value = ${product.value('sums[row - top]', 'row', 'c')};
        out_put(row * p.n4 + c, value);
        ${epilogue.add('value', 'row', 'c')}
      }
    }
  }
  ${epilogue.finish('workgroup.y', 'c')}
}
`;
}

const eachRow = (text: (i: number) => string, between = '\n        '): string =>
  upTo(THREAD_ROWS).map(text).join(between);

/** Neighbouring threads place the four groups of a row. The lazy value's text stands once: it takes long to compile. */
const placeRows = (rows: string): string => /* wgsl */ `
      if (local % 4u < groups) {
        for (var row = tile + local / 4u; row < min(tile + ${tileRows}u, end); row += 64u) {
          rowFactors[${tileRows}u * (local % 4u) + row - tile] = Factor4(${rows}(row, group + local % 4u));
        }
      }`;

const weightTexts = {
  // [4 groups][4 channels of a thread][16 threads]: neighbours read neighbours
  nk: {
    place: /* wgsl */ `
      let channel = 64u * workgroup.x + local / 4u;
      if (channel < 4u * p.n4 && local % 4u < groups) {
        weightFactors[64u * (local % 4u) + 16u * (local / 4u % 4u) + local / 16u] =
          Factor4(w_at(channel * p.k4 + group + local % 4u));
      }`,
    multiply:
      'vec4f(dot(factors, weights0), dot(factors, weights1), dot(factors, weights2), dot(factors, weights3))',
  },
  // [16 factors][16 groups of 4 channels]
  kn: {
    place: /* wgsl */ `
      if (c < p.n4 && lane < 4u * groups) { weightFactors[local] = Factor4(w_at((4u * group + lane) * p.n4 + c)); }`,
    multiply: 'factors.x * weights0 + factors.y * weights1 + factors.z * weights2 + factors.w * weights3',
  },
} as const;
