import {
  type MatrixProduct,
  matrixExtensions,
  matrixProduct,
  type ProductForm,
} from '../../backends/tensor-kernels/matrix/matrix-product.ts';

/** A kernel made of a matrix product's pieces: left [64][terms] or [terms][64] times right, all in float16; the result in float32. */
export function matrixKernel(form: ProductForm, terms: number): string {
  const product = matrixProduct(form);
  return `${matrixExtensions}
@group(0) @binding(0) var<storage, read> left: array<f16>;
@group(0) @binding(1) var<storage, read> right: array<f16>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;
${product.declarations}
@compute @workgroup_size(${product.workgroupSize})
fn main(@builtin(local_invocation_index) lid: u32, @builtin(subgroup_id) sid: u32) {
${product.start}
for (var term = 0u; term < ${terms}u; term += 32u) {
${fill(form, product, terms)}
${product.multiply}
}
${product.finish(`for (var i = lid; i < 2048u; i += ${product.workgroupSize}u) { result[part * 2048u + i] = Cs[i]; }`)}
}
`;
}

const fill = ({ leftIs, rightIs }: ProductForm, { workgroupSize }: MatrixProduct, terms: number): string => {
  const byLines = `i / 32u * ${terms}u + term + i % 32u`;
  const byTerms = '(term + i / 64u) * 64u + i % 64u';
  return `for (var i = lid; i < 2048u; i += ${workgroupSize}u) {
As[i] = left[${leftIs === 'km' ? byTerms : byLines}];
Bs[i] = right[${rightIs === 'nk' ? byLines : byTerms}];
}`;
};
