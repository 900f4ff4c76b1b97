import { policyNames } from '../../operators/auto-augment/policies.ts';
import { translationNames } from '../../operators/auto-augment/v0.ts';
import { cutFormulas } from '../../operators/cut-box.ts';
import type { SourceOptions } from '../datasets/opening/source-kind.ts';
import { anything, type Checks, expecting, names, number, oneOf, text, truth } from './option-checks.ts';
import { eraseModes, mixModes, type Recipe, trainInterpolations } from './recipe.ts';
import type { SelectionOptions } from './selection.ts';
import type { StreamOptions } from './stream-options.ts';

/** Names only: a pipeline checks the values. */
export const streamChecks: Checks<StreamOptions> = {
  batchSize: anything,
  backend: anything,
  gpuAdapter: anything,
  workers: anything,
  prefetch: anything,
  seed: anything,
  repeats: anything,
  sampler: anything,
  samplesPerEpoch: anything,
  onError: anything,
  maxBad: anything,
  quarantine: anything,
  sampleTimeoutMs: anything,
  digest: anything,
};

export const sourceChecks: Checks<SourceOptions> = {
  imageMember: text,
  labelKey: text,
  imageRoot: text,
  labelSeparator: text,
  // the dataset says what it may be
  labelOffset: number,
  coarse: truth,
  cache: text,
  cacheLimit: number,
};

export const selectionChecks: Checks<SelectionOptions> = { subset: text, onlyClasses: names, fold: text };

/** Which numbers are too small or too large, operators say. */
export const recipeChecks: Checks<Recipe> = {
  imageSize: number,
  interpolation: oneOf('bilinear', 'bicubic'),
  trainInterpolation: oneOf(...trainInterpolations),
  cropScale: expecting('a pair [low, high]', (value) => Array.isArray(value) && value.length === 2),
  augmentation: oneOf('none', 'autoaugment'),
  policy: oneOf(...policyNames),
  translate: oneOf(...translationNames),
  autoAugment: text,
  colorJitter: number,
  mixup: number,
  cutmix: number,
  mixProb: number,
  mixSwitchProb: number,
  mixMode: oneOf(...mixModes),
  cutmixBox: oneOf(...cutFormulas),
  randomErase: number,
  eraseMode: oneOf(...eraseModes),
};
