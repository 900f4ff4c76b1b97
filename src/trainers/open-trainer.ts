import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ParameterError, reasonOf, TrainerError } from '../core/errors.ts';
import { guardedTrainer } from '../core/guarded-trainer.ts';
import { importModule } from '../core/import-module.ts';
import { inPlugin } from '../core/plugin.ts';
import type { Precision, Trainer } from '../core/trainer.ts';

/** Handed to a trainer's `createTrainer`; each takes what it knows. */
export interface TrainerOptions {
  /** Of the tfjs trainer: the backend of TensorFlow.js. */
  readonly backend?: string;
  /** Of the trainer graph: where it computes. Default: on a hardware GPU, else on the CPU. */
  readonly device?: 'gpu' | 'cpu';
  /** Of a trainer on a GPU: which one, as a pipeline's `gpuAdapter`. */
  readonly gpuAdapter?: string;
  /** Of a trainer on the CPU: how many threads. */
  readonly threads?: number;
  /** Cores that there are for the trainer, where this process shares them with others. */
  readonly cores?: number;
}

/** What a trainer's module exports: a trainer, or how to make one. */
interface TrainerModule {
  readonly trainer?: unknown;
  readonly createTrainer?: unknown;
}

/** A trainer's code is loaded when it is opened, and not before. */
const builtIn: Record<string, () => Promise<TrainerModule>> = {
  none: () => import('./none.ts'),
  tfjs: () => import('./tfjs/tfjs-trainer.ts'),
  graph: () => import('./graph/graph-trainer.ts'),
};

/** Opens a built-in trainer by name, or a user's own by the path of its module (`./`, `../`, `/` or `file:`). */
export async function openTrainer(name: string, options: TrainerOptions = {}): Promise<Trainer> {
  const { trainer, createTrainer } = await loadModule(name);
  const plugin = { kind: 'trainer', name: `${name}: createTrainer` } as const;
  const opened: unknown =
    typeof createTrainer === 'function' ? await inPlugin(plugin, {}, () => createTrainer(options)) : trainer;
  const checked = checkTrainer(name, opened);
  return Object.hasOwn(builtIn, name) ? checked : guardedTrainer(checked);
}

/** The value as a trainer; throws where it lacks what every trainer has. */
export function checkTrainer(name: string, value: unknown): Trainer {
  if (isTrainer(value)) return value;
  const found =
    value === undefined ? 'no export trainer or createTrainer' : `no ${missingMethods(value).join(', ')}`;
  throw new TrainerError('NOT_A_TRAINER', `${name}: expected a trainer, got an object with ${found}`);
}

/** Whether the trainer can compute in that precision. */
export const canCompute = ({ precisions = ['float32'] }: Trainer, precision: Precision): boolean =>
  precisions.includes(precision);

/** Names of the built-in trainers that can compute in that precision. */
export async function trainersFor(precision: Precision): Promise<string[]> {
  const trainers = await Promise.all(Object.keys(builtIn).map((name) => openTrainer(name)));
  return trainers.filter((trainer) => canCompute(trainer, precision)).map(({ name }) => name);
}

async function loadModule(name: string): Promise<TrainerModule> {
  if (Object.hasOwn(builtIn, name)) return (builtIn[name] as () => Promise<TrainerModule>)();
  if (!/^(\.{0,2}[/\\]|file:|[a-z]:[/\\])/i.test(name)) {
    const known = `${Object.keys(builtIn).join(', ')}, or a module such as ./trainer.js`;
    throw new ParameterError('UNKNOWN_TRAINER', `trainer must be ${known}, got ${name}`);
  }
  const url = name.startsWith('file:') ? name : pathToFileURL(resolve(name)).href;
  try {
    return (await importModule(url)) as TrainerModule;
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new TrainerError('TRAINER_UNLOADABLE', `${name}: the trainer cannot be loaded: ${reason}`, {
      cause,
    });
  }
}

const methods = ['prepare', 'trainStep', 'evaluateStep', 'state', 'load', 'close'] as const;

const missingMethods = (value: unknown): string[] =>
  methods.filter((method) => typeof (value as Partial<Trainer> | null)?.[method] !== 'function');

const isTrainer = (value: unknown): value is Trainer =>
  typeof value === 'object' && value !== null && missingMethods(value).length === 0;
