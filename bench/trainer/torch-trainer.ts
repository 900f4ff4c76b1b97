import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { reasonOf } from '../../src/core/errors.ts';
import type { TrainerWork } from './work.ts';

export interface TorchOptions {
  readonly python: string;
  /** 'cuda', or 'cpu' to try the program. */
  readonly device: string;
  readonly precision: 'amp' | 'float32' | 'tf32';
  readonly rounds: number;
  readonly stepsPerRound: number;
}

export interface TorchFigures {
  /** Of a step, a number for each round. */
  readonly milliseconds: readonly number[];
  readonly loss: number;
  readonly parameters: number;
  readonly peakBytes: number;
  readonly torch: string;
  readonly device: string;
}

export interface Missing {
  readonly missing: string;
}

/** Runs bench/peers/torch_trainer.py; without Python, torch or CUDA, says what is missing. */
export async function measureTorch(
  { variant, resolution, rows }: TrainerWork,
  { python, stepsPerRound: steps, ...options }: TorchOptions,
): Promise<TorchFigures | Missing> {
  const flags = Object.entries({ variant, resolution, rows, steps, ...options });
  const args = flags.flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(python, [join('bench', 'peers', 'torch_trainer.py'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, complaint] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (complaint += part));
  try {
    await once(child, 'spawn'); // rejects when the command cannot be started
    const [code] = await once(child, 'close');
    if (code === 0) return JSON.parse(lastLine(output)) as TorchFigures | Missing;
    return { missing: lastLine(complaint) || `Python ended with code ${code}` };
  } catch (error) {
    return { missing: reasonOf(error) };
  }
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
