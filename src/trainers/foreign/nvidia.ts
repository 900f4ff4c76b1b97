import type { BlockPlace, Naming } from './naming.ts';

/** NVIDIA's "EfficientNet for PyTorch", whose names are ours; the files of 20.12 and 21.03 count stages from 1. */
const nvidiaWith = (sign: string, stageName: (stage: number) => string): Naming => ({
  family: 'NVIDIA',
  sign,
  stem: ['stem.conv', 'stem.bn'],
  features: ['features.conv', 'features.bn'],
  classifier: 'classifier.fc',
  block({ expand }, { stage, repeat }: BlockPlace) {
    const at = (name: string) => `${stageName(stage)}.block${repeat}.${name}`;
    const unit = (name: string) => [at(`${name}.conv`), at(`${name}.bn`)] as const;
    return {
      ...(expand && { expand: unit('expand') }),
      depthwise: unit('depsep'),
      squeeze: at('se.squeeze'),
      excite: at('se.expand'),
      project: unit('proj'),
    };
  },
  assumed: () => ({ batchNormEpsilon: 1e-3, padding: 'torch' }),
  interpolation: 'bilinear',
});

export const nvidia = nvidiaWith('layers.0.block0.depsep.conv.weight', (stage) => `layers.${stage}`);
export const nvidiaReleases = nvidiaWith('layer1.block0.depsep.conv.weight', (stage) => `layer${stage + 1}`);
