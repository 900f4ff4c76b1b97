import { productParameters, productTiles, tileWidth4 } from '../row-product.ts';
import { channelRows, defineTensorKernel } from '../tensor-kernel.ts';
import { pointwiseInputGradientWgsl } from './pointwise-input-gradient.wgsl.ts';

/** The gradient of x, where y = x w^T: out [rows, n] = g [rows, k] times w [k, n], plus `add`, a gradient by another way. */
export const pointwiseInputGradient = defineTensorKernel({
  name: 'pointwise-input-gradient',
  operands: {
    g: { access: 'read', width: 4, lazy: channelRows('k4') },
    w: { access: 'read', width: 4 },
    add: {
      access: 'read',
      width: 4,
      lazy: channelRows('n4'),
      isOptional: true,
    },
    out: { access: 'write', width: 4 },
  },
  parameters: productParameters,
  epilogue: { of: 'out', ...channelRows('n4'), chunk: 'chunk' },
  workgroups: ({ rows, n4, chunk }) => [Math.ceil(n4 / 16), Math.ceil(rows / chunk), 1],
  wgsl: pointwiseInputGradientWgsl,
  wasm: {
    tiles: productTiles,
    tileRows: ({ chunk }) => chunk,
    // a tile's weights, transposed
    scratch: (p) => 64 * p.k4 * tileWidth4(p.n4, productTiles(p)[0]),
    panels: { w: ['k4', 'n4'] },
  },
  reference({ g, w, add, out }, p) {
    const [n, k] = [4 * p.n4, 4 * p.k4];
    for (let i = 0; i < p.rows * n; i++) {
      const [row, channel] = [Math.floor(i / n), i % n];
      let sum = add?.[i] ?? 0;
      for (let j = 0; j < k; j++) sum += (g[row * k + j] as number) * (w[j * n + channel] as number);
      out[i] = sum;
    }
  },
});
