import { type Naming, ofPytorch } from './naming.ts';

/** torchvision.models.efficientnet_b*. */
export const torchvision: Naming = {
  family: 'torchvision',
  sign: 'features.0.0.weight',
  stem: ['features.0.0', 'features.0.1'],
  features: ['features.8.0', 'features.8.1'],
  classifier: 'classifier.1',
  block({ expand }, { stage, repeat }) {
    const at = (part: number, name: string | number) =>
      `features.${stage + 1}.${repeat}.block.${part}.${name}`;
    const unit = (part: number) => [at(part, 0), at(part, 1)] as const;
    const first = expand ? 1 : 0;
    return {
      ...(expand && { expand: unit(0) }),
      depthwise: unit(first),
      squeeze: at(first + 1, 'fc1'),
      excite: at(first + 1, 'fc2'),
      project: unit(first + 2),
    };
  },
  // its efficientnet_b5, b6 and b7 alone are given an epsilon
  assumed: (variant) =>
    ['b5', 'b6', 'b7'].includes(variant) ? { ...ofPytorch, batchNormEpsilon: 1e-3 } : ofPytorch,
  interpolation: 'bicubic',
};
