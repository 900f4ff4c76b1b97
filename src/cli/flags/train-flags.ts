import type { Command } from 'commander';
import type { Device } from '../../trainers/device.ts';
import { trainDefaults } from '../../training/complete-options.ts';
import { defaultMetricsFile } from '../../workspace/workspace.ts';
import { addQuarantineFlag } from './bad-data-flags.ts';
import { addConfigurationFlags, addNegations } from './configuration.ts';
import { addDataFlags, type DataFlags } from './data-flags.ts';
import { deviceOption } from './device.ts';
import { addModelFlags, type ModelFlags } from './model-flags.ts';
import { addOptimizerFlags, type OptimizerFlags } from './optimizer-flags.ts';
import {
  addLossScaleFlags,
  addPrecisionFlags,
  type LossScaleFlags,
  type PrecisionFlags,
} from './precision.ts';
import { addReferenceFlags } from './reference-flags.ts';
import { addRunFlags, type RunFlags } from './run-flags.ts';
import { tfjsBackendFlag } from './tfjs-backend.ts';

/** Flags of training, with the names of NVIDIA's scripts where those have them (docs/training.md). */
export interface TrainFlags
  extends DataFlags,
    ModelFlags,
    OptimizerFlags,
    PrecisionFlags,
    LossScaleFlags,
    RunFlags {
  readonly imageSize?: number;
  readonly trainer: string;
  readonly device: Device;
  readonly tfjsBackend?: string;
  readonly workspace?: string;
  readonly raportFile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function addTrainFlags(command: Command): Command {
  // a run that is continued says itself what data it has
  addConfigurationFlags(
    command,
    (flags) => flags['resume'] === undefined && flags['trainData'] === undefined,
  );
  addModelFlags(command);
  addTrainerFlags(command);
  addOptimizerFlags(command);
  addRunFlags(command);
  addReferenceFlags(command);
  return addNegations(addDataFlags(command));
}

/** All flags of `millrace train`: those of the training, and where it writes what. */
export function addTrainCommandFlags(command: Command): Command {
  command
    .option(
      '--workspace <folder>',
      'folder for metrics, checkpoints and the report (default: runs/<time>, or that of --resume)',
    )
    .option(
      '--raport-file <name>',
      'name of the metrics file in the workspace (JSON lines)',
      defaultMetricsFile,
    )
    .option('--json', 'print the metrics to stdout as JSON lines')
    .option('--quiet', 'print no progress');
  return addQuarantineFlag(addTrainFlags(command), "the workspace's quarantine.jsonl");
}

function addTrainerFlags(command: Command): Command {
  command
    .optionsGroup('Trainer:')
    .option(
      '--trainer <name>',
      "trainer: tfjs, graph (WebGPU, float32 and mixed precision), none (drops the batches), or your own module such as './trainer.js'",
      trainDefaults.trainer,
    )
    .addOption(deviceOption())
    .option(...tfjsBackendFlag);
  return addLossScaleFlags(addPrecisionFlags(command));
}
