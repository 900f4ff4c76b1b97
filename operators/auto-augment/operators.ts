import { autoContrast } from '../image/auto-contrast.ts';
import { brightness } from '../image/brightness.ts';
import { color } from '../image/color.ts';
import { contrast } from '../image/contrast.ts';
import { equalize } from '../image/equalize.ts';
import { gaussianBlur } from '../image/gaussian-blur.ts';
import { invert } from '../image/invert.ts';
import { posterize } from '../image/posterize.ts';
import { rotate } from '../image/rotate.ts';
import { sharpness } from '../image/sharpness.ts';
import { shearX } from '../image/shear-x.ts';
import { shearY } from '../image/shear-y.ts';
import { solarize } from '../image/solarize.ts';
import { solarizeAdd } from '../image/solarize-add.ts';
import { translateX } from '../image/translate-x.ts';
import { translateY } from '../image/translate-y.ts';

/** The operators that policies are made of. None changes the image's size; a policy draws what they would draw. */
export const policyOperators = {
  autoContrast,
  brightness,
  color,
  contrast,
  equalize,
  gaussianBlur,
  invert,
  posterize,
  rotate,
  sharpness,
  shearX,
  shearY,
  solarize,
  solarizeAdd,
  translateX,
  translateY,
} as const;

export type PolicyOperatorName = keyof typeof policyOperators;

/** An operator under another name, where a policy has it twice, at other magnitudes. */
const secondNames = { desaturate: 'color' } as const satisfies Readonly<Record<string, PolicyOperatorName>>;

/** What policies list. */
export type OperationName = PolicyOperatorName | keyof typeof secondNames;

export type OperatorNameOf<Name extends OperationName> = Name extends keyof typeof secondNames
  ? (typeof secondNames)[Name]
  : Name;

export const operatorNameOf = (name: OperationName): PolicyOperatorName =>
  name in secondNames ? secondNames[name as keyof typeof secondNames] : (name as PolicyOperatorName);

type Options<Name extends PolicyOperatorName> = NonNullable<Parameters<(typeof policyOperators)[Name]>[0]>;
type Lowered<Name extends PolicyOperatorName> = Parameters<
  (typeof policyOperators)[Name]['definition']['lower']
>[0];

/** What the operator of this name lowers. What has a default may be left out. */
export type OptionsOfOperator<Name extends PolicyOperatorName> = {
  [Key in keyof Options<Name>]: Key extends keyof Lowered<Name> ? Lowered<Name>[Key] : never;
};
