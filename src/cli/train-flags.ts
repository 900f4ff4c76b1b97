import { Command } from 'commander';
import { addConfigurationFlags } from './configuration.ts';
import { addDataFlags, type DataFlags } from './data-flags.ts';
import { addModelFlags, type ModelFlags } from './model-flags.ts';
import { addOptimizerFlags, type OptimizerFlags } from './optimizer-flags.ts';
import { addPrecisionFlags, type PrecisionFlags } from './precision.ts';
import { addReferenceFlags } from './reference-flags.ts';
import { addRunFlags, type RunFlags } from './run-flags.ts';
import { tfjsBackendFlag } from './tfjs-backend.ts';

/** Flags of training, with the names of NVIDIA's scripts where those have them (docs/training.md). */
export interface TrainFlags extends DataFlags, ModelFlags, OptimizerFlags, PrecisionFlags, RunFlags {
  readonly imageSize?: number;
  readonly trainer: string;
  readonly tfjsBackend?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function addTrainFlags(command: Command): Command {
  addConfigurationFlags(command);
  addDataFlags(command);
  addModelFlags(command);
  addTrainerFlags(command);
  addOptimizerFlags(command);
  addRunFlags(command);
  return addReferenceFlags(command);
}

/** What training does where no flag says otherwise. */
export const defaultTrainFlags = (): TrainFlags => addTrainFlags(new Command()).opts<TrainFlags>();

function addTrainerFlags(command: Command): Command {
  command
    .optionsGroup('Trainer:')
    .option(
      '--trainer <name>',
      "tfjs, none (drops batches), or a module of your own such as './trainer.js'",
      'tfjs',
    )
    .option(...tfjsBackendFlag);
  return addPrecisionFlags(command);
}
