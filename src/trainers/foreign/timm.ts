import type { Naming } from './naming.ts';
import { assumedOfTimm } from './timm-config.ts';

/** timm's efficientnet_b*. Its tf_efficientnet_b* have the same tensors (timm-config.ts tells them apart). */
export const timm: Naming = {
  family: 'timm',
  sign: 'conv_stem.weight',
  stem: ['conv_stem', 'bn1'],
  features: ['conv_head', 'bn2'],
  classifier: 'classifier',
  block({ expand }, { stage, repeat }) {
    const at = (name: string) => `blocks.${stage}.${repeat}.${name}`;
    const unit = (convolution: string, norm: string) => [at(convolution), at(norm)] as const;
    const factors = { squeeze: at('se.conv_reduce'), excite: at('se.conv_expand') };
    if (!expand) return { depthwise: unit('conv_dw', 'bn1'), ...factors, project: unit('conv_pw', 'bn2') };
    return {
      expand: unit('conv_pw', 'bn1'),
      depthwise: unit('conv_dw', 'bn2'),
      ...factors,
      project: unit('conv_pwl', 'bn3'),
    };
  },
  assumed: (_, path) => assumedOfTimm(path),
  interpolation: 'bicubic',
};
