import type { Option } from 'commander';
import { devices } from '../../trainers/device.ts';
import { choiceOption } from '../command.ts';

/** `--device` of the commands that run a model. */
export const deviceOption = (): Option =>
  choiceOption(
    '--device <name>',
    'where the trainer graph computes: gpu (any WebGPU adapter), auto (a hardware GPU, else by the trainer tfjs)',
    devices,
    'auto',
  );
