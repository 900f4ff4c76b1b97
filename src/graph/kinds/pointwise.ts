import { expectShape, type NodeKind } from '../node.ts';
import { convolutionDerivative, expectImages, gradientKind } from './convolution.ts';

export const pointwiseGradient: NodeKind<object> = gradientKind('pointwiseGradient');

/** 1x1 convolution of [n, h, w, i] with a filter [o, i, 1, 1]. */
export const pointwise: NodeKind<object> = {
  name: 'pointwise',
  shape([x, filter = []]) {
    expectImages(x, 'images [n, h, w, i] and a filter [o, i, 1, 1]');
    expectShape(filter[1] === x[3] && filter[2] === 1 && filter[3] === 1, `a filter [o, ${x[3]}, 1, 1]`);
    return [...x.slice(0, 3), filter[0] as number];
  },
  derivative: convolutionDerivative(pointwiseGradient),
};
