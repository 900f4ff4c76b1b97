import { inspect } from 'node:util';
import { MillraceError, PluginError } from './errors.ts';

/** A piece of code that a user may have written. */
export interface Plugin {
  readonly kind: 'operator' | 'dataset' | 'reader' | 'trainer' | 'sampler';
  /** What messages call it. */
  readonly name: string;
}

/** What the code had in hand: a sample's key, or other words for it. */
export interface InHand {
  readonly sample?: string | undefined;
  /** Such as `batch 3 of epoch 0`. */
  readonly batch?: string | undefined;
}

/**
 * For what a plug-in threw that is none of millrace's errors. It says nothing of the data, so no other sample is to take
 * the place of this one.
 */
export function pluginError(
  { kind, name }: Plugin,
  cause: unknown,
  { sample, batch }: InHand = {},
): PluginError {
  const thrown = cause instanceof Error ? String(cause) : `threw ${inspect(cause)}`;
  const place = sample === undefined ? batch : `sample ${sample}`;
  const where = place === undefined ? '' : ` (${place})`;
  const message = `${name}: ${thrown}${where}: a fault in the code of this ${kind}, not in the data`;
  return new PluginError(`${kind.toUpperCase()}_FAILED`, message, {
    ...{ cause, sample },
    ...(kind === 'operator' && { operator: name }),
  });
}

/** What an operator threw that stands inside another: brings its name to where the sample is known. */
export class NestedFault extends Error {
  readonly operator: string;

  constructor(operator: string, cause: unknown) {
    super(`${operator}: ${cause}`, { cause });
    this.operator = operator;
  }
}

/** Runs the code of an operator inside another. Of several the innermost is named. */
export function nested<T>(operator: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw cause instanceof NestedFault ? cause : new NestedFault(operator, cause);
  }
}

/** Runs a plug-in's code, which may be asynchronous. */
export function inPlugin<T>(plugin: Plugin, inHand: InHand, action: () => T): T {
  const fail = (cause: unknown): never => {
    throw cause instanceof MillraceError ? cause : pluginError(plugin, cause, inHand);
  };
  try {
    const result = action();
    return result instanceof Promise ? (result.catch(fail) as T) : result;
  } catch (cause) {
    return fail(cause);
  }
}
