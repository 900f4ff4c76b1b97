import type { KernelForm, MatrixForm } from './kernel-form.ts';
import { fillTile, type TileFill } from './matrix/fill-tile.ts';
import { matrixProduct } from './matrix/matrix-product.ts';
import { useGroups } from './matrix/use-groups.ts';
import type { RowProduct } from './row-product.ts';

/** A workgroup computes 64 output channels of a chunk of rows, 64 rows after the other, 32 factors at a time. */
export function rowProductByMatrix(
  product: RowProduct,
  { epilogue }: KernelForm,
  matrix: MatrixForm,
): string {
  const pieces = matrixProduct({ ...matrix, rightIs: product.weights });
  const { workgroupSize } = pieces;
  return /* wgsl */ `
${pieces.declarations}
@compute @workgroup_size(${workgroupSize})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32, @builtin(subgroup_id) sid: u32) {
  let lid = local;
  let c = 16u * workgroup.x + local % 16u;
  let end = min((workgroup.y + 1u) * p.chunk, p.rows);
  ${epilogue.begin}
  for (var tile = workgroup.y * p.chunk; tile < end; tile += 64u) {
    ${pieces.start}
    for (var term = 0u; term < p.k4; term += 8u) {
      ${fillTile(rowsFill(product.rows), workgroupSize)}
      ${fillTile(weightFills[product.weights], workgroupSize)}
      ${pieces.multiply}
    }
    ${pieces.finish(useGroups(storeGroup(product, epilogue), workgroupSize))}
  }
  ${epilogue.finish('workgroup.y', 'c')}
}
`;
}

const rowsFill = (rows: string): TileFill => ({
  tile: 'As',
  linesAre: 'results',
  isThere: 'tile + line < end && term + place < p.k4',
  values: `${rows}(tile + line, term + place)`,
});

const weightFills: Readonly<Record<RowProduct['weights'], TileFill>> = {
  nk: {
    tile: 'Bs',
    linesAre: 'results',
    isThere: '64u * workgroup.x + line < 4u * p.n4 && term + place < p.k4',
    values: 'w_at((64u * workgroup.x + line) * p.k4 + term + place)',
  },
  kn: {
    tile: 'Bs',
    linesAre: 'terms',
    isThere: '4u * term + line < 4u * p.k4 && 16u * workgroup.x + place < p.n4',
    values: 'w_at((4u * term + line) * p.n4 + 16u * workgroup.x + place)',
  },
};

const storeGroup = ({ value }: RowProduct, epilogue: KernelForm['epilogue']): string => `
  let row = tile + line;
  if (row < end && c < p.n4) {
    let value = ${value('result', 'row', 'c')};
    out_put(row * p.n4 + c, value);
    ${epilogue.add('value', 'row', 'c')}
  }`;
