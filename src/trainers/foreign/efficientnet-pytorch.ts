import { type Naming, ofTensorFlow } from './naming.ts';

/** The package efficientnet_pytorch of Luke Melas-Kyriazi, whose weights come from TensorFlow. */
export const efficientnetPytorch: Naming = {
  family: 'efficientnet-pytorch',
  sign: '_conv_stem.weight',
  stem: ['_conv_stem', '_bn0'],
  features: ['_conv_head', '_bn1'],
  classifier: '_fc',
  block({ expand }, { index }) {
    const at = (name: string) => `_blocks.${index}.${name}`;
    return {
      ...(expand && { expand: [at('_expand_conv'), at('_bn0')] as const }),
      depthwise: [at('_depthwise_conv'), at('_bn1')],
      squeeze: at('_se_reduce'),
      excite: at('_se_expand'),
      project: [at('_project_conv'), at('_bn2')],
    };
  },
  assumed: () => ofTensorFlow,
  interpolation: 'bicubic',
};
