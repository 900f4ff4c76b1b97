import { expectShape, type Node, type NodeKind } from '../node.ts';
import { convolvedShape, expectImages, type Window } from './convolution.ts';

/** Adds the filter's gradient to the parameter's; images have none. */
export const stemGradient: NodeKind<Window> = { name: 'stemGradient', shape: ([, images = []]) => images };

/** Convolution of images [n, h, w, 3] with a filter [o, 3, kernel, kernel]. */
export const stem: NodeKind<Window> = {
  name: 'stem',
  shape([images, filter = []], window) {
    expectImages(images, 'images [n, h, w, 3] and a filter [o, 3, kernel, kernel]');
    const { kernel } = window;
    const isRight = images[3] === 3 && filter[1] === 3 && filter[2] === kernel && filter[3] === kernel;
    expectShape(isRight, `images [n, h, w, 3] and a filter [o, 3, ${kernel}, ${kernel}]`);
    return convolvedShape(images, window, filter[0] as number);
  },
  derivative({ name, inputs: [images, filter], attributes }, gradient, graph) {
    graph.add(stemGradient, name, [gradient, images as Node, filter as Node], attributes);
    return [undefined, undefined];
  },
};
