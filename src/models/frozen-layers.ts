import { ParameterError } from '../core/errors.ts';
import type { EfficientNet } from './efficientnet.ts';
import { layersOf } from './layers.ts';

/**
 * Names of the layers that do not learn: those whose names begin with one of the prefixes, part by part, so that `layers.1`
 * is not `layers.10`. Throws where a prefix is no layer's, or where nothing is left that learns.
 */
export function frozenLayers(model: EfficientNet, prefixes: readonly string[] = []): ReadonlySet<string> {
  const names = layersOf(model).map(({ name }) => name);
  const unknown = prefixes.find((prefix) => !names.some((name) => beginsWith(name, prefix)));
  if (unknown !== undefined)
    throw invalid(`must begin names of layers, ${beginningsOf(names)}, got ${unknown}`);
  const frozen = names.filter((name) => prefixes.some((prefix) => beginsWith(name, prefix)));
  if (frozen.length === names.length) throw invalid(`leaves no layer that learns, got ${prefixes.join(',')}`);
  return new Set(frozen);
}

const beginsWith = (name: string, prefix: string): boolean =>
  name === prefix || name.startsWith(`${prefix}.`);

/** The shortest prefixes: `layers.0` and not `layers.0.block0.expand`. */
const beginningsOf = (names: readonly string[]): string =>
  [
    ...new Set(
      names.map((name) =>
        name
          .split('.block', 1)
          .join()
          .replace(/^classifier.*/, 'classifier'),
      ),
    ),
  ].join(', ');

const invalid = (reason: string): ParameterError =>
  new ParameterError('INVALID_OPTION', `frozen (--freeze): ${reason}`);
