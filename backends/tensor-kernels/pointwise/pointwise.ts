import { productParameters, productTiles } from '../row-product.ts';
import { channelRows, defineTensorKernel } from '../tensor-kernel.ts';
import { pointwiseWgsl } from './pointwise.wgsl.ts';

/** A 1x1 convolution, or a dense layer: out [rows, n] = x [rows, k] times the transpose of w [n, k], plus bias [n]. */
export const pointwise = defineTensorKernel({
  name: 'pointwise',
  operands: {
    x: { access: 'read', width: 4, lazy: channelRows('k4') },
    w: { access: 'read', width: 4 },
    bias: { access: 'read', width: 4, isOptional: true },
    out: { access: 'write', width: 4 },
  },
  parameters: productParameters,
  epilogue: { of: 'out', ...channelRows('n4'), chunk: 'chunk' },
  workgroups: ({ rows, n4, chunk }) => [Math.ceil(n4 / 16), Math.ceil(rows / chunk), 1],
  wgsl: pointwiseWgsl,
  wasm: { tiles: productTiles, tileRows: ({ chunk }) => chunk, panels: { w: ['n4', 'k4'] } },
  reference({ x, w, bias, out }, p) {
    const [n, k] = [4 * p.n4, 4 * p.k4];
    for (let i = 0; i < p.rows * n; i++) {
      const [row, channel] = [Math.floor(i / n), i % n];
      let sum = bias?.[channel] ?? 0;
      for (let j = 0; j < k; j++) sum += (x[row * k + j] as number) * (w[channel * k + j] as number);
      out[i] = sum;
    }
  },
});
