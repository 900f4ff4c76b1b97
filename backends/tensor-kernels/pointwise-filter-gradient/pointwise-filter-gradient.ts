import { productParameters, productTiles } from '../row-product.ts';
import { channelRows, defineTensorKernel } from '../tensor-kernel.ts';
import { pointwiseFilterGradientWgsl } from './pointwise-filter-gradient.wgsl.ts';

/**
 * The gradient of w [n, k], where out = x w^T: g^T x, summed over the rows of each chunk. Part s of `parts` [parts, n, k] gets the sum
 * of chunk s; or, where all rows are one chunk, `gradient` is there instead and the sum is added to it.
 */
export const pointwiseFilterGradient = defineTensorKernel({
  name: 'pointwise-filter-gradient',
  operands: {
    g: { access: 'read', width: 4, lazy: channelRows('n4') },
    x: { access: 'read', width: 4, lazy: channelRows('k4') },
    parts: { access: 'write', width: 4, isOptional: true },
    gradient: { access: 'update', width: 4, isOptional: true },
  },
  parameters: productParameters,
  workgroups: ({ rows, n4, k4, chunk }) => [Math.ceil(k4 / 16), Math.ceil(n4 / 32), Math.ceil(rows / chunk)],
  wgsl: pointwiseFilterGradientWgsl,
  wasm: {
    // the wider of outputs and inputs is divided: each tile evaluates all of the other
    tiles: ({ rows, n4, k4, chunk }) => productTiles({ rows, n4: Math.max(n4, k4), chunk }),
    // pointwise-filter-gradient.as.ts has the same
    tileRows: ({ chunk }) => Math.min(128, chunk),
    panels: { parts: ['n4', 'k4'], gradient: ['n4', 'k4'] },
  },
  reference({ g, x, parts, gradient }, p) {
    const [n, k] = [4 * p.n4, 4 * p.k4];
    for (let i = 0; i < Math.ceil(p.rows / p.chunk) * n * k; i++) {
      const [part, output, input] = [Math.floor(i / (n * k)), Math.floor(i / k) % n, i % k];
      const end = Math.min((part + 1) * p.chunk, p.rows);
      let sum = 0;
      for (let row = part * p.chunk; row < end; row++)
        sum += (g[row * n + output] as number) * (x[row * k + input] as number);
      if (gradient) gradient[i] = (gradient[i] as number) + sum;
      else if (parts) parts[i] = sum;
    }
  },
});
