import { ParameterError } from '../core/errors.ts';
import { type PresetName, presets } from './preset-values.ts';
import type { Options } from './setting.ts';
import { optionsOfValues } from './settings.ts';

/** NVIDIA's recipe for a model, as options of `train`. */
export function preset(name: PresetName): Options {
  if (Object.hasOwn(presets, name)) return optionsOfValues(presets[name], 'name');
  const known = Object.keys(presets).join(', ');
  throw new ParameterError('UNKNOWN_PRESET', `preset must be one of ${known}, got ${name}`);
}
