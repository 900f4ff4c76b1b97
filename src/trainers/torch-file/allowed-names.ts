import { DataError } from '../../core/errors.ts';
import type { NumberType } from '../widen.ts';
import { damaged } from './damaged.ts';
import { StorageType, TensorPlan } from './tensor-plan.ts';

/** What a pickle may call, with its arguments. It is our own function, whatever the name means in Python. */
export type Callable = (parameters: readonly unknown[]) => unknown;

const storageTypes: Readonly<Record<string, NumberType | undefined>> = {
  Float: 'F32',
  Half: 'F16',
  BFloat16: 'BF16',
  Double: 'F64',
  Long: undefined,
  Int: undefined,
  Short: undefined,
  Char: undefined,
  Byte: undefined,
  Bool: undefined,
};

const makeOrderedDict: Callable = (parameters) => {
  if (parameters.length > 0) throw damaged('an OrderedDict with arguments');
  return new Map();
};

const rebuildTensor: Callable = ([storage, offset, shape, strides]) =>
  new TensorPlan(storage, offset, shape, strides);

/** A parameter is its tensor. */
const rebuildParameter: Callable = ([tensor]) => tensor;

/** All that makes dictionaries of tensors: module and name, as a pickle asks for them. */
const allowed: ReadonlyMap<string, Callable | StorageType> = new Map<string, Callable | StorageType>([
  ['collections OrderedDict', makeOrderedDict],
  ['torch._utils _rebuild_tensor_v2', rebuildTensor],
  ['torch._utils _rebuild_parameter', rebuildParameter],
  ...Object.entries(storageTypes).map(([name, numbers]): [string, StorageType] => [
    `torch ${name}Storage`,
    new StorageType(name, numbers),
  ]),
]);

/** What stands for a name of Python. Any other name is refused: a pickle can ask for any program. */
export function allowedName(module: string, name: string): Callable | StorageType {
  const found = allowed.get(`${module} ${name}`);
  if (found !== undefined) return found;
  const asked = `asks for ${printable(`${module}.${name}`)}, and only tensors are read, nothing is run`;
  const line = 'torch.save(model.state_dict(), "weights.pth")';
  throw new DataError('REFUSED_TORCH_FILE', `${asked}: save the tensors alone: ${line}`);
}

/** Names that a file makes up may be long. */
const printable = (name: string): string => (name.length > 100 ? `${name.slice(0, 100)}...` : name);
