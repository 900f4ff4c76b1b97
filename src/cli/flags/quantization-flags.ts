import type { Command } from 'commander';
import { type Placement, placements } from '../../quantization/placement.ts';
import { calibrationDefaults } from '../../quantization/quantization.ts';
import { type CalibrationMethod, calibrationMethods } from '../../quantization/range.ts';
import { atLeast, choiceOption, integerOption, numberOption } from '../command.ts';

/** Flags of how ranges are chosen. None has a default of the parser's: one that is given needs a model that is quantised. */
export interface CalibrationFlags {
  readonly placement?: Placement;
  readonly calibration?: CalibrationMethod;
  readonly percentile?: number;
  readonly calibrationBatches?: number;
}

export interface QuantizationFlags extends CalibrationFlags {
  readonly quantized?: boolean;
  readonly skipCalibration?: boolean;
  readonly fixedBnEpochs?: number;
}

const { placement, method, percentile, batches } = calibrationDefaults;

export function addCalibrationFlags(command: Command): Command {
  return command
    .addOption(
      choiceOption(
        '--placement <name>',
        `where values are rounded: onnxruntime (for its int8 kernels, in browsers too), tensorrt (NVIDIA's) (default: ${placement})`,
        placements,
      ),
    )
    .addOption(
      choiceOption(
        '--calibration <method>',
        `how ranges of values are chosen (default: ${method})`,
        calibrationMethods,
      ),
    )
    .addOption(
      numberOption(
        '--percentile <p>',
        `with --calibration percentile: percent of the values inside the range (default: ${percentile})`,
        undefined,
        { min: 0, max: 100 },
      ),
    )
    .addOption(
      integerOption(
        '--calibration-batches <n>',
        `training batches that ranges are chosen by (default: ${batches})`,
        undefined,
        atLeast(1),
      ),
    );
}

export function addQuantizationFlags(command: Command): Command {
  command
    .optionsGroup('Quantisation:')
    .option('--quantized', 'train a model that computes in int8, from --pretrained-from-file');
  return addCalibrationFlags(command)
    .option('--skip-calibration', 'take the ranges of --pretrained-from-file, which is quantised')
    .addOption(
      integerOption(
        '--fixed-bn-epochs <n>',
        "with --quantized: last epochs in which batch norm's statistics stay as they are (default: half)",
        undefined,
        atLeast(0),
      ),
    );
}
