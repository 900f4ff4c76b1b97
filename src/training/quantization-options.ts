import { ParameterError } from '../core/errors.ts';
import { placements } from '../quantization/placement.ts';
import { type CalibrationOptions, calibrationDefaults } from '../quantization/quantization.ts';
import { calibrationMethods } from '../quantization/range.ts';
import { type Checks, count, expecting, oneOf, truth } from '../streams/option-checks.ts';

/** How a quantised training is made. */
export interface TrainingQuantization extends CalibrationOptions {
  /** Takes the ranges that `pretrained` has, and chooses none. Default false. */
  readonly skipCalibration: boolean;
  /**
   * Epochs at the end in which batch norm's statistics stay as they are, as they will in use. Default: half of all, rounded down,
   * but one at least.
   */
  readonly fixedEpochs: number;
}

/** With defaults filled in, but for what the file says whose ranges are taken. */
export type CompleteQuantization = Partial<CalibrationOptions> &
  Pick<TrainingQuantization, 'skipCalibration' | 'fixedEpochs'>;

const { levels: most } = calibrationDefaults;
const isIntegerOf = (value: unknown, min: number, max: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;

export const calibrationChecks: Checks<CalibrationOptions> = {
  placement: oneOf(...placements),
  method: oneOf(...calibrationMethods),
  percentile: expecting(
    'a number above 0, at most 100',
    (value) => typeof value === 'number' && value > 0 && value <= 100,
  ),
  batches: count,
  levels: expecting(`an integer of 1..${most}`, (value) => isIntegerOf(value, 1, most)),
};

export const quantizationChecks: Checks<TrainingQuantization> = {
  ...calibrationChecks,
  skipCalibration: truth,
  fixedEpochs: expecting('an integer >= 0', (value) => isIntegerOf(value, 0, Number.MAX_SAFE_INTEGER)),
};

/** Half of the epochs: in the others the statistics follow the weights. */
const fixedOfDefault = (epochs: number): number => Math.max(1, Math.floor(epochs / 2));

export function completeQuantization(
  given: Partial<TrainingQuantization>,
  epochs: number,
): CompleteQuantization {
  const { skipCalibration = false, fixedEpochs = fixedOfDefault(epochs), ...calibration } = given;
  return {
    ...(skipCalibration ? calibration : completeCalibration(calibration)),
    ...{ skipCalibration, fixedEpochs },
  };
}

export function completeCalibration(given: Partial<CalibrationOptions>): CalibrationOptions {
  const { percentile, ...others } = { ...calibrationDefaults, ...given };
  // of another method it would say nothing
  return others.method === 'percentile' || given.percentile !== undefined
    ? { ...others, percentile }
    : others;
}

/** Refuses a percentile where ranges are chosen by another method. */
export function checkPercentile(of: string, { method, percentile }: Partial<CalibrationOptions>): void {
  if (percentile === undefined || method === undefined || method === 'percentile') return;
  const message = `percentile (--percentile) is for method percentile (--calibration), got ${method}`;
  throw new ParameterError('INVALID_OPTION', `${of}: ${message}`);
}
