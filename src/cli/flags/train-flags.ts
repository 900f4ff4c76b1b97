import type { Command } from 'commander';
import { defaultMetricsFile } from '../../workspace/workspace.ts';
import { addQuarantineFlag } from './bad-data-flags.ts';
import { addConfigurationFlags, addNegations } from './configuration.ts';
import { addDataFlags, type DataFlags } from './data-flags.ts';
import { addModelFlags, type ModelFlags, withoutDefaultArch } from './model-flags.ts';
import { addOptimizerFlags, type OptimizerFlags } from './optimizer-flags.ts';
import {
  addLossScaleFlags,
  addPrecisionFlags,
  type LossScaleFlags,
  type PrecisionFlags,
} from './precision.ts';
import { addQuantizationFlags, type QuantizationFlags } from './quantization-flags.ts';
import { addRankFlags, type RankFlags } from './rank-flags.ts';
import { addReferenceFlags } from './reference-flags.ts';
import { addRunFlags, type RunFlags } from './run-flags.ts';
import { addTrainerFlags, type TrainerFlags } from './trainer-flags.ts';

/** Flags of training, with the names of NVIDIA's scripts where those have them (docs/training.md). */
export interface TrainFlags
  extends DataFlags,
    ModelFlags,
    OptimizerFlags,
    PrecisionFlags,
    LossScaleFlags,
    QuantizationFlags,
    TrainerFlags,
    RankFlags,
    RunFlags {
  readonly imageSize?: number;
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
    withoutDefaultArch,
  );
  addModelFlags(command);
  addComputingFlags(command);
  addOptimizerFlags(command);
  addQuantizationFlags(command);
  addRunFlags(command);
  addRankFlags(command);
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

function addComputingFlags(command: Command): Command {
  const trainers =
    "trainer: graph (on GPUs in mixed precision too), tfjs (TensorFlow.js, to be installed), none (drops the batches), or your own module such as './trainer.js'";
  return addLossScaleFlags(addPrecisionFlags(addTrainerFlags(command.optionsGroup('Trainer:'), trainers)));
}
