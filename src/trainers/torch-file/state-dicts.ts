import { DataError } from '../../core/errors.ts';
import { TensorPlan } from './tensor-plan.ts';

/** Tensors by name, as a module's state_dict() gives them. */
export type StateDict = ReadonlyMap<string, TensorPlan>;

/** What a file holds of a model. */
export interface StateDicts {
  readonly weights: StateDict;
  /** Their moving average. */
  readonly average: StateDict | undefined;
  /** Where in the file the weights are, such as `state_dict`; undefined where they are the whole file. */
  readonly place: string | undefined;
}

/** What scripts of training call the weights in their checkpoints, and the moving average of them. */
const weightNames = ['state_dict', 'model', 'model_state_dict'];
const averageNames = ['state_dict_ema', 'model_ema', 'ema'];

/** Finds the weights: the value itself, or what it has under one of the names that scripts use. */
export function findStateDicts(value: unknown): StateDicts {
  const whole = stateDictOf(value);
  if (whole !== undefined) return { weights: whole, average: undefined, place: undefined };
  const average = findUnder(averageNames, value);
  const found = findUnder(weightNames, value) ?? average;
  if (found !== undefined) return { weights: found.tensors, average: average?.tensors, place: found.place };
  const names = value instanceof Map ? [...value.keys()].filter((name) => typeof name === 'string') : [];
  const known = [...weightNames, ...averageNames].join(', ');
  const got = names.length > 0 ? names.slice(0, 5).join(', ') : 'none';
  throw new DataError(
    'NO_TENSORS',
    `has no tensors by names, itself or under ${known}: its entries are ${got}`,
  );
}

interface Found {
  readonly tensors: StateDict;
  readonly place: string;
}

/** @param seen what was looked into before: a dictionary may hold itself */
function findUnder(
  names: readonly string[],
  value: unknown,
  seen: Set<unknown> = new Set(),
): Found | undefined {
  if (!(value instanceof Map) || seen.has(value)) return undefined;
  seen.add(value);
  for (const name of names) {
    const inner: unknown = value.get(name);
    const tensors = seen.has(inner) ? undefined : stateDictOf(inner);
    if (tensors !== undefined) return { tensors, place: name };
    const deeper = findUnder([...weightNames, ...averageNames], inner, seen);
    if (deeper !== undefined) return { ...deeper, place: `${name}.${deeper.place}` };
  }
  return undefined;
}

/** The tensors of a dictionary that has any; whatever else it has is passed over. */
function stateDictOf(value: unknown): StateDict | undefined {
  if (!(value instanceof Map)) return undefined;
  const entries = [...value].filter(
    (entry): entry is [string, TensorPlan] => typeof entry[0] === 'string' && entry[1] instanceof TensorPlan,
  );
  return entries.length > 0 ? new Map(entries) : undefined;
}
