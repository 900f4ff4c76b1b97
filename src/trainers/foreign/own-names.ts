import { TrainerError } from '../../core/errors.ts';
import type { NamedTensor, TensorMap } from '../../core/trainer.ts';
import type { Block, EfficientNet } from '../../models/efficientnet.ts';
import { type ModelTensor, parametersOf } from '../../models/parameters.ts';
import type { BlockPlace, Naming, UnitNames } from './naming.ts';

/** The weights under our names and in our shapes. A tensor that is missing, of another shape, or too much, is an error. */
export function toOwnNames(model: EfficientNet, naming: Naming, weights: TensorMap): TensorMap {
  const misfit = firstMisfit(model, naming, weights);
  if (misfit !== undefined) throw new TrainerError('STATE_MISMATCH', misfit);
  const names = foreignNames(model, naming);
  const entries = parametersOf(model).map(({ name, shape }): [string, NamedTensor] => {
    const { data } = weights[names.get(name) as string] as NamedTensor;
    return [name, { shape, data }];
  });
  return Object.fromEntries(entries);
}

/** In what the tensors are not those of the model, if in anything; the names are those of the file. */
export function firstMisfit(model: EfficientNet, naming: Naming, weights: TensorMap): string | undefined {
  const names = foreignNames(model, naming);
  for (const parameter of parametersOf(model)) {
    const name = names.get(parameter.name) as string;
    const misfit = misfitOf(parameter, weights[name]);
    if (misfit !== undefined) return `${name}: ${misfit}`;
  }
  const known = new Set(names.values());
  const surplus = Object.keys(weights).find((name) => !known.has(name));
  return surplus && `${surplus}: is no part of ${model.name} with the names of ${naming.family}`;
}

function misfitOf({ shape }: ModelTensor, tensor: NamedTensor | undefined): string | undefined {
  const expected = `expected shape [${shape.join(', ')}]`;
  if (tensor === undefined) return `missing, ${expected}`;
  // a matrix may be stored as a convolution of one pixel: the numbers are the same
  const given = shape.length === 2 ? withoutPixel(tensor.shape) : tensor.shape;
  if (given.join() === shape.join()) return undefined;
  return `${expected}, got [${tensor.shape.join(', ')}]`;
}

const withoutPixel = (shape: readonly number[]): readonly number[] =>
  shape.length === 4 && shape[2] === 1 && shape[3] === 1 ? shape.slice(0, 2) : shape;

/** The file's name of each tensor, by ours. */
function foreignNames(model: EfficientNet, naming: Naming): Map<string, string> {
  const beginnings = new Map<string, string>();
  const unit = ({ name }: { readonly name: string }, [convolution, norm]: UnitNames): void => {
    beginnings.set(`${name}.conv`, convolution).set(`${name}.bn`, norm);
  };
  unit(model.stem, naming.stem);
  for (const [index, block] of model.blocks.entries()) {
    const names = naming.block(block, { index, ...placeOf(block) });
    if (block.expand && names.expand) unit(block.expand, names.expand);
    unit(block.depthwise, names.depthwise);
    beginnings.set(block.squeeze.name, names.squeeze).set(block.excite.name, names.excite);
    unit(block.project, names.project);
  }
  unit(model.features, naming.features);
  beginnings.set(model.classifier.name, naming.classifier);
  return new Map(parametersOf(model).map(({ name }) => [name, inOtherWords(name, beginnings)]));
}

/** Layers are called `layers.<stage>.block<repeat>`. */
function placeOf({ name }: Block): Pick<BlockPlace, 'stage' | 'repeat'> {
  const [, stage, repeat] = /^layers\.(\d+)\.block(\d+)$/.exec(name) ?? [];
  return { stage: Number(stage), repeat: Number(repeat) };
}

function inOtherWords(name: string, beginnings: ReadonlyMap<string, string>): string {
  const dot = name.lastIndexOf('.');
  return `${beginnings.get(name.slice(0, dot))}${name.slice(dot)}`;
}
