import { ParameterError } from '../core/errors.ts';
import { calibrationDefaults, type Quantization } from '../quantization/quantization.ts';
import { readWeightsFile } from '../trainers/weights-file.ts';
import { fromMetadata } from './checkpoint-metadata.ts';
import type { CompleteQuantization } from './quantization-options.ts';
import { checkpointPath } from './resumption.ts';
import type { TrainingSetup } from './setup.ts';

type Warn = (message: string) => void;

/** How the file is quantised whose ranges a training takes; undefined: it chooses its own, or needs none. */
export async function recordedQuantization(
  { options, resumption }: Pick<TrainingSetup, 'options' | 'resumption'>,
  warn: Warn,
): Promise<Quantization | undefined> {
  const { quantization: asked, pretrained } = options;
  if (resumption !== undefined) return asked && checked(resumption.path, resumption.quantization, asked);
  const recorded = pretrained === undefined ? undefined : await quantizationIn(pretrained);
  if (pretrained !== undefined && asked?.skipCalibration) return checked(pretrained, recorded, asked);
  if (asked !== undefined && pretrained === undefined) warn(ofFreshWeights);
  if (recorded !== undefined) warn(`${pretrained}: is quantised: its weights are taken, ${without(asked)}`);
  return undefined;
}

const ofFreshWeights =
  'quantized (--quantized): the weights are fresh, and their ranges will not suit them for long: start from pretrained (--pretrained-from-file)';

const without = (asked: CompleteQuantization | undefined): string =>
  asked === undefined
    ? 'its ranges not (quantized, --quantized)'
    : 'its ranges are chosen anew (skipCalibration, --skip-calibration, takes them)';

async function quantizationIn(pretrained: string): Promise<Quantization | undefined> {
  const path = checkpointPath(pretrained);
  const { metadata } = await readWeightsFile(path);
  return metadata['quantization'] === undefined ? undefined : fromMetadata(path, metadata).quantization;
}

/** Throws where the file has no ranges, or those of other places. */
function checked(
  path: string,
  recorded: Quantization | undefined,
  { placement, levels }: CompleteQuantization,
): Quantization {
  if (recorded === undefined) {
    const advice = 'choose them by millrace quantize, or leave out skipCalibration (--skip-calibration)';
    throw new ParameterError(
      'NOT_CALIBRATED',
      `${path}: is not quantised, so it has no ranges to take: ${advice}`,
    );
  }
  const { levels: most = calibrationDefaults.levels } = recorded;
  for (const [name, was, is] of [
    ['placement (--placement)', recorded.placement, placement],
    ['levels', most, levels],
  ])
    if (is !== undefined && is !== was)
      throw new ParameterError('OTHER_QUANTIZATION', `${path}: has ranges for ${name} ${was}, got ${is}`);
  return recorded;
}
