import type { MatrixForm } from '../kernel-form.ts';
import { fillTile, type TileFill } from '../matrix/fill-tile.ts';
import { matrixProduct } from '../matrix/matrix-product.ts';
import { useGroups } from '../matrix/use-groups.ts';

/** `putWeights` writes its sums. A workgroup computes 128 x 64 weights of a part, 64 x 64 after the other, 32 rows at a time. */
export function filterGradientByMatrix(matrix: MatrixForm): string {
  const pieces = matrixProduct({ ...matrix, leftIs: 'km', rightIs: 'kn' });
  const { workgroupSize } = pieces;
  return /* wgsl */ `
${pieces.declarations}
@compute @workgroup_size(${workgroupSize})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32, @builtin(subgroup_id) sid: u32) {
  let lid = local;
  let c = 16u * workgroup.x + local % 16u;
  let end = min((workgroup.z + 1u) * p.chunk, p.rows);
  let outputEnd = min(32u * (workgroup.y + 1u), p.n4);
  for (var output = 32u * workgroup.y; output < outputEnd; output += 16u) {
    ${pieces.start}
    for (var tile = workgroup.z * p.chunk; tile < end; tile += 32u) {
      ${fillTile(gradients, workgroupSize)}
      ${fillTile(inputs, workgroupSize)}
      ${pieces.multiply}
    }
    ${pieces.finish(useGroups(putSum, workgroupSize))}
  }
}
`;
}

const gradients: TileFill = {
  tile: 'As',
  linesAre: 'terms',
  isThere: 'tile + line < end && output + place < p.n4',
  values: 'g(tile + line, output + place)',
};

const inputs: TileFill = {
  tile: 'Bs',
  linesAre: 'terms',
  isThere: 'tile + line < end && 16u * workgroup.x + place < p.k4',
  values: 'x(tile + line, 16u * workgroup.x + place)',
};

const putSum = `
  let weight = 4u * output + line;
  if (weight < 4u * p.n4 && c < p.k4) { putWeights((4u * workgroup.z * p.n4 + weight) * p.k4 + c, result); }`;
