import { expectShape, type NodeKind } from '../node.ts';
import {
  convolutionDerivative,
  convolvedShape,
  expectImages,
  gradientKind,
  type Window,
} from './convolution.ts';

export const depthwiseGradient: NodeKind<Window> = gradientKind('depthwiseGradient');

/** Convolution of each channel of [n, h, w, c] with its own filter, of [c, 1, kernel, kernel]. */
export const depthwise: NodeKind<Window> = {
  name: 'depthwise',
  shape([x, filter = []], window) {
    expectImages(x, 'images [n, h, w, c] and a filter [c, 1, kernel, kernel]');
    const { kernel } = window;
    const isRight = filter[0] === x[3] && filter[1] === 1 && filter[2] === kernel && filter[3] === kernel;
    expectShape(isRight, `a filter [${x[3]}, 1, ${kernel}, ${kernel}]`);
    return convolvedShape(x, window, x[3] as number);
  },
  derivative: convolutionDerivative(depthwiseGradient),
};
