import { ParameterError } from '../core/errors.ts';
import type { Precision } from '../core/trainer.ts';
import { type PresetName, presets, presetValues } from './preset-values.ts';
import type { Options } from './setting.ts';
import { optionsOfValues } from './settings.ts';

/** NVIDIA's recipe for a model, as options of `train`. */
export function preset(name: PresetName, precision?: Precision): Options {
  if (Object.hasOwn(presets, name)) return optionsOfValues(presetValues(name, precision), 'name');
  const known = Object.keys(presets).join(', ');
  throw new ParameterError('UNKNOWN_PRESET', `preset must be one of ${known}, got ${name}`);
}
