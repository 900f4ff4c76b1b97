import { ParameterError } from '../core/errors.ts';
import { architectureOf, type ModelChoice, modelOptionsOf } from '../models/architecture.ts';
import { type EfficientNetOptions, efficientNet } from '../models/efficientnet.ts';
import { namingOf, unknownWeights } from '../trainers/foreign/families.ts';
import { readWeightsFile, type WeightsFile } from '../trainers/weights-file.ts';
import { fromMetadata } from './checkpoint-metadata.ts';
import { over } from './complete-options.ts';
import { openForeign } from './foreign-weights.ts';
import type { OpenWeights } from './opened-weights.ts';

/**
 * Reads a checkpoint of ours, which says what model it holds, or weights that others saved, which do not: what `choice`
 * leaves out of their model, the tensors' names and shapes tell. Their classes are numbered.
 */
export async function openWeights(path: string, choice: ModelChoice | undefined): Promise<OpenWeights> {
  const file = await readWeightsFile(path);
  const opened = knownWeights(path, file, choice);
  if (opened === undefined) throw unknownWeights(path, file.weights);
  const { variant } = optionsOf(choice);
  const asked = variant && architectureOf(variant);
  if (asked === undefined || asked === opened.model.name) return opened;
  throw new ParameterError('OTHER_MODEL', `${path}: holds an ${opened.model.name}, not an ${asked}`);
}

/** What a file holds; undefined where its names are of no EfficientNet that is known. */
export function knownWeights(
  path: string,
  file: WeightsFile,
  choice: ModelChoice | undefined,
): OpenWeights | undefined {
  if (file.metadata['model'] !== undefined) return openOwn(path, file, optionsOf(choice));
  const naming = namingOf(file.weights);
  return naming && openForeign(path, file, naming, optionsOf(choice));
}

const optionsOf = (choice: ModelChoice | undefined): EfficientNetOptions =>
  choice === undefined ? {} : modelOptionsOf(choice);

function openOwn(
  path: string,
  { weights, average, quant, metadata, said }: WeightsFile,
  { batchNormEpsilon, padding }: EfficientNetOptions,
): OpenWeights {
  const info = fromMetadata(path, metadata);
  const isOther = batchNormEpsilon !== undefined || padding !== undefined;
  const options = over(info.model.options, { batchNormEpsilon, padding });
  return {
    ...info,
    ...(isOther && { model: efficientNet(options) }),
    weights,
    average,
    quant,
    isNumbered: false,
    said,
  };
}
