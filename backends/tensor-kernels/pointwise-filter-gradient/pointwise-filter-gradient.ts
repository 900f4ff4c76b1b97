import { productParameters } from '../row-product.ts';
import { channelRows, defineTensorKernel } from '../tensor-kernel.ts';
import { pointwiseFilterGradientWgsl } from './pointwise-filter-gradient.wgsl.ts';

/** Parts [parts, n, k] of the gradient of w, where out = x w^T: part s is the sum of g^T x over the rows of chunk s. */
export const pointwiseFilterGradient = defineTensorKernel({
  name: 'pointwise-filter-gradient',
  operands: {
    g: { access: 'read', width: 4, lazy: channelRows('n4') },
    x: { access: 'read', width: 4, lazy: channelRows('k4') },
    parts: { access: 'write', width: 4 },
  },
  parameters: productParameters,
  workgroups: ({ rows, n4, k4, chunk }) => [Math.ceil(k4 / 16), Math.ceil(n4 / 32), Math.ceil(rows / chunk)],
  wgsl: pointwiseFilterGradientWgsl,
  reference({ g, x, parts }, p) {
    const [n, k] = [4 * p.n4, 4 * p.k4];
    for (let i = 0; i < Math.ceil(p.rows / p.chunk) * n * k; i++) {
      const [part, output, input] = [Math.floor(i / (n * k)), Math.floor(i / k) % n, i % k];
      const end = Math.min((part + 1) * p.chunk, p.rows);
      let sum = 0;
      for (let row = part * p.chunk; row < end; row++)
        sum += (g[row * n + output] as number) * (x[row * k + input] as number);
      parts[i] = sum;
    }
  },
});
