import type { Operations } from '../../src/trainers/tfjs/operations.ts';

/** What a kernel of tfjs is called with, as far as it tells the layer. */
export interface KernelCall {
  readonly inputs: Readonly<Record<string, { readonly shape: readonly number[] } | undefined>>;
  readonly attrs?: Readonly<Record<string, unknown>>;
}

const SQUEEZE_EXCITE = 'squeeze and excite, pooling, classifier';
const REST = 'additions, running statistics, loss';

const passes = {
  Conv2D: 'forward',
  Conv2DBackpropInput: 'input gradient',
  Conv2DBackpropFilter: 'filter gradient',
  DepthwiseConv2dNative: 'forward',
  DepthwiseConv2dNativeBackpropInput: 'input gradient',
  DepthwiseConv2dNativeBackpropFilter: 'filter gradient',
} as const satisfies Record<string, string>;

/** The layer that one of our own operations is of. */
export const layerOfOperation: Readonly<Record<keyof Operations, string>> = {
  batchNorm: 'batch norm, forward',
  batchNormGradient: 'batch norm, gradient',
  scaleShift: 'batch norm, forward',
  silu: 'SiLU, forward',
  siluGradient: 'SiLU, gradient',
  spatialSums: SQUEEZE_EXCITE,
  spatialProductSums: SQUEEZE_EXCITE,
  spread: SQUEEZE_EXCITE,
  sgd: 'optimizer',
  rmsprop: 'optimizer',
  movingAverage: 'optimizer',
};

/** The layer that a call of one of tfjs's kernels is of: by its name, and by the shapes it is given. */
export function layerOfKernel(name: string, { inputs, attrs }: KernelCall): string {
  if (name in passes) {
    const pass = passes[name as keyof typeof passes];
    if (name.startsWith('Depthwise')) return `depthwise convolution, ${pass}`;
    const filter = inputs['filter']?.shape ?? (attrs?.['filterShape'] as readonly number[]);
    const images = (inputs['x'] ?? inputs['dy'])?.shape;
    // dense layers are 1x1 convolutions of 1x1 pixels
    if (isVector(images)) return SQUEEZE_EXCITE;
    return filter[0] === 1 ? `1x1 convolution, ${pass}` : `stem's convolution, ${pass}`;
  }
  const isOfVectors = Object.values(inputs).some((input) => isVector(input?.shape));
  return name === 'Sigmoid' || (name === 'Multiply' && isOfVectors) ? SQUEEZE_EXCITE : REST;
}

const isVector = (shape: readonly number[] | undefined): boolean =>
  shape?.length === 4 && shape[1] === 1 && shape[2] === 1;
