import type { Command } from 'commander';
import { type Device, defaultTrainer, devices } from '../../trainers/device.ts';
import { atLeast, choiceOption, integerOption } from '../command.ts';

/** Flags of the commands that run a model: by which trainer, and where. */
export interface TrainerFlags {
  readonly trainer: string;
  readonly device: Device;
  readonly threads?: number;
  readonly tfjsBackend?: string;
}

/** @param described what `--trainer` is there */
export const addTrainerFlags = (command: Command, described: string): Command =>
  command
    .option('--trainer <name>', described, defaultTrainer)
    .addOption(
      choiceOption(
        '--device <name>',
        'where the trainer graph computes: gpu (any WebGPU adapter), cpu, auto (a hardware GPU, else the CPU)',
        devices,
        'auto',
      ),
    )
    .addOption(
      integerOption(
        '--threads <n>',
        'threads of the trainer graph on the CPU (default: as many as are fastest)',
        undefined,
        atLeast(1),
      ),
    )
    .option(
      '--tfjs-backend <name>',
      'backend of the tfjs trainer: wasm, webgpu (GPU), cpu (slow), or node and node-gpu of @tensorflow/tfjs-node (default: webgpu if a GPU makes the batches, else wasm)',
    );
