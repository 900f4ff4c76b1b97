import type { Precision } from '../core/trainer.ts';
import { modelOptionsOf } from '../models/architecture.ts';
import type { EfficientNetOptions } from '../models/efficientnet.ts';
import type { OptionalTrainOptions } from './train-options.ts';

/** A training's options but for its data, which is no setting. */
export type Options = Omit<OptionalTrainOptions, 'data'>;

/** An option of a training as plain data, under the names by which people type it and files say it. */
export interface Setting {
  /** The flag of the command line without its dashes: `batch-size`. Checkpoints say it so. */
  readonly flag: string;
  /** The flag's name in code: `batchSize`. Metrics say it so. */
  readonly name: string;
  /** Whether weights depend on it: a training with another value is another training. */
  readonly decides: boolean;
  /** Whether a batch of the training stream depends on it. */
  readonly shapesStream: boolean;
  /** Whether it says what ranks do together, and when: one that does something else would be waited for. */
  readonly pacesRanks: boolean;
  /** Undefined where the option is left out. */
  get(options: Options): unknown;
  /** The options with this value, which is as `get` gives it. */
  set(options: Options, value: unknown): Options;
}

interface Naming {
  /** Default: the flag. */
  readonly name?: string;
  /** How the option's value, or undefined, is written down, and read, where that is not the value itself. */
  readonly write?: (value: never) => unknown;
  readonly read?: (value: never) => unknown;
}

export function setting(flag: string, naming: Naming, { get, set }: Pick<Setting, 'get' | 'set'>): Setting {
  const { name = flag, write = asItIs, read = asItIs } = naming;
  return {
    ...{ flag, name, decides: true, shapesStream: false, pacesRanks: false },
    get: (options) => write(get(options) as never),
    set: (options, value) => set(options, read(value as never)),
  };
}

const asItIs = (value: unknown): unknown => value;

type Group =
  | 'stream'
  | 'recipe'
  | 'optimizer'
  | 'lossScaling'
  | 'quantization'
  | 'schedule'
  | 'evaluation'
  | 'checkpoints';
type KeyOf<G extends Group> = keyof Exclude<NonNullable<Options[G]>, false> & string;

/** An option of a group: `inGroup('schedule', 'base', 'lr')`. */
export function inGroup<G extends Group>(
  group: G,
  key: KeyOf<G>,
  flag: string,
  naming: Naming = {},
): Setting {
  const valuesOf = (options: Options) => (options[group] || {}) as Readonly<Record<string, unknown>>;
  return setting(flag, naming, {
    get: (options) => valuesOf(options)[key],
    set: (options, value) => ({ ...options, [group]: { ...valuesOf(options), [key]: value } }),
  });
}

/** An option of the recipe; it says nothing where the steps were given instead. */
export function ofRecipe(key: KeyOf<'recipe'>, flag: string, naming: Naming = {}): Setting {
  const { get, ...others } = inGroup('recipe', key, flag, naming);
  return { ...others, get: (options) => (options.steps === undefined ? get(options) : undefined) };
}

/** An option that stands for itself: `alone('maxSteps', 'prof')`. */
export function alone(key: keyof Options, flag: string, naming: Naming = {}): Setting {
  return setting(flag, naming, {
    get: (options) => options[key],
    set: (options, value) => ({ ...options, [key]: value }),
  });
}

/** What describes the model. */
export function ofModel(key: keyof EfficientNetOptions, flag: string, naming: Naming = {}): Setting {
  const describe = ({ model }: Options) => (model === undefined ? {} : modelOptionsOf(model));
  return setting(flag, naming, {
    get: (options) => describe(options)[key],
    set: (options, value) => ({ ...options, model: { ...describe(options), [key]: value } }),
  });
}

/** A flag that switches a whole group off. */
export function switchedOff(group: 'evaluation' | 'checkpoints', flag: string, name: string): Setting {
  return setting(
    flag,
    { name },
    {
      get: (options) => options[group] === false || undefined,
      set: (options, value) => (value ? { ...options, [group]: false } : options),
    },
  );
}

/** A flag that asks for a precision. False, as `--no-amp` gives it, asks for float32. */
export function ofPrecision(precision: Precision, flag: string): Setting {
  return setting(
    flag,
    {},
    {
      get: (options) => options.precision === precision || undefined,
      set: (options, value) => {
        if (value) return { ...options, precision };
        return { precision: 'float32', ...options };
      },
    },
  );
}

/** Settings that make the training stream what it is. */
export const ofStream = (settings: readonly Setting[]): Setting[] =>
  settings.map((one) => ({ ...one, shapesStream: true }));

/** Settings without influence on weights that all ranks of a training must have alike. */
export const pacingRanks = (settings: readonly Setting[]): Setting[] =>
  settings.map((one) => ({ ...one, pacesRanks: true }));

/** Settings of what is written and printed, how far a run goes and how fast: no weight depends on them. */
export const withoutInfluence = (settings: readonly Setting[]): Setting[] =>
  settings.map((one) => ({ ...one, decides: false }));
