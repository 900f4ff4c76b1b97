import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ParameterError, TrainerError } from '../core/errors.ts';
import type { Trainer } from '../core/trainer.ts';

/** What a trainer's module exports. */
interface TrainerModule {
  createTrainer(options: TrainerOptions): Trainer | Promise<Trainer>;
}

export interface TrainerOptions {
  /** For trainers that have several: of tfjs, `wasm` or `cpu`. */
  readonly backend?: string;
}

const builtIn: Readonly<Record<string, () => Promise<TrainerModule>>> = {
  tfjs: () => import('./tfjs/tfjs-trainer.ts'),
  none: () => import('./none.ts'),
};

const methods = ['prepare', 'trainStep', 'evaluateStep', 'state', 'load', 'close'] as const;

/**
 * Opens a trainer by name, or from a module of one's own that exports `createTrainer(options)`: a path that begins with
 * `.` or `/`, or ends in .js or .mjs.
 */
export async function openTrainer(name: string, options: TrainerOptions = {}): Promise<Trainer> {
  const load = builtIn[name] ?? (/^[./]|\.m?js$/.test(name) ? () => importTrainer(name) : undefined);
  if (load === undefined) {
    const known = Object.keys(builtIn).join(', ');
    throw new ParameterError(
      'UNKNOWN_TRAINER',
      `trainer must be ${known} or a module such as ./mine.js, got '${name}'`,
    );
  }
  const trainer = await (await load()).createTrainer(options);
  const missing = methods.filter((method) => typeof trainer?.[method] !== 'function');
  if (missing.length === 0) return trainer;
  throw new TrainerError(
    'INVALID_TRAINER',
    `trainer ${name}: lacks ${missing.join(', ')} (see src/core/trainer.ts)`,
  );
}

async function importTrainer(path: string): Promise<TrainerModule> {
  let exports: Partial<TrainerModule>;
  try {
    exports = await import(pathToFileURL(resolve(path)).href);
  } catch (cause) {
    throw new TrainerError('TRAINER_NOT_LOADED', `trainer ${path}: ${(cause as Error).message}`, { cause });
  }
  if (typeof exports.createTrainer === 'function') return exports as TrainerModule;
  throw new TrainerError(
    'INVALID_TRAINER',
    `trainer ${path}: the module exports no function createTrainer(options)`,
  );
}
