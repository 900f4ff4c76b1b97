import { TrainerError } from '../../core/errors.ts';
import type { NamedTensor, QuantizedPlaces, TensorMap } from '../../core/trainer.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';
import { parametersOf } from '../../models/parameters.ts';

/** Names in a state's part `quant`. */
export const rangeNames = {
  point: (point: string): string => `point.${point}`,
  weight: (weight: string): string => `weight.${weight}`,
} as const;

/** Throws unless a state has all ranges of the quantised places, or none, and no others; each of them above 0. */
export function checkRanges(
  ranges: TensorMap,
  model: EfficientNet,
  places: QuantizedPlaces | undefined,
): void {
  const names = Object.keys(ranges);
  if (names.length === 0) return;
  if (places === undefined) {
    const message = `quant.${names[0]}: the state is of a quantized model; prepare the trainer with quantization`;
    throw new TrainerError('STATE_MISMATCH', message);
  }
  const outputs = new Map(parametersOf(model).map(({ name, shape }) => [name, shape[0]]));
  const expected = new Map([
    ...places.points.map((point) => [rangeNames.point(point), 1] as const),
    ...places.weights.map((weight) => [rangeNames.weight(weight), outputs.get(weight) ?? 0] as const),
  ]);
  const unknown = names.find((name) => !expected.has(name));
  if (unknown !== undefined)
    throw new TrainerError('STATE_MISMATCH', `quant.${unknown}: is not quantized here`);
  for (const [name, size] of expected) checkRange(ranges[name], size, `quant.${name}`);
}

function checkRange(range: NamedTensor | undefined, size: number, key: string): void {
  if (range === undefined)
    throw new TrainerError('STATE_MISMATCH', `${key}: missing, expected shape [${size}]`);
  const { shape, data } = range;
  if (shape.length !== 1 || shape[0] !== size) {
    const message = `${key}: expected shape [${size}], got [${shape.join(', ')}]`;
    throw new TrainerError('STATE_MISMATCH', message);
  }
  const bad = data.findIndex((largest) => !(largest >= LEAST && largest <= MOST));
  if (bad < 0) return;
  const where = size === 1 ? key : `${key}[${bad}]`;
  const message = `${where}: a range must be above 0 and finite, got ${data[bad]}`;
  throw new TrainerError('STATE_MISMATCH', message);
}

/** Scales, and what is divided by them, are normal float32. */
const LEAST = 1e-30;
const MOST = 3e38;
