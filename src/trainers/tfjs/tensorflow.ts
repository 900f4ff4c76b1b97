import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TrainerError } from '../../core/errors.ts';
import { composedOperations } from './composed-operations.ts';
import type { Operations } from './operations.ts';
import type { Tf } from './tf.ts';
import { openWasmHeap } from './wasm-heap.ts';
import { registerWasmKernels } from './wasm-kernels.ts';
import { wasmOperations } from './wasm-operations.ts';

/** Backends of TensorFlow.js that train here: `wasm` is the fast one, `cpu` plain JavaScript, the oracle of tests. */
export const tfjsBackends = ['wasm', 'cpu'] as const;
export type TfjsBackend = (typeof tfjsBackends)[number];

/** TensorFlow.js on one backend, with the operations that depend on it. */
export interface Tensorflow {
  readonly tf: Tf;
  readonly backend: TfjsBackend;
  readonly operations: Operations;
}

/** Opened backends; tfjs keeps one of each a process. */
const opened = new Map<TfjsBackend, Promise<Tensorflow>>();

export function openTensorflow(backend: TfjsBackend): Promise<Tensorflow> {
  const known = opened.get(backend);
  if (known) return known;
  const opening = open(backend);
  opened.set(backend, opening);
  // a failure may pass (a missing file put in place): it is not remembered
  opening.catch(() => opened.delete(backend));
  return opening;
}

async function open(backend: TfjsBackend): Promise<Tensorflow> {
  const tf = await import('@tensorflow/tfjs');
  // silences the advice that tfjs prints to install another package
  tf.env().set('PROD', true);
  if (backend === 'cpu') {
    await select(tf, backend);
    return { tf, backend, operations: composedOperations(tf) };
  }
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(join(dirname(main), '/'));
  // threads did not speed up a training step, and their workers would keep the process alive
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await select(tf, backend);
  const heap = await openWasmHeap(tf);
  registerWasmKernels(tf, heap);
  return { tf, backend, operations: wasmOperations(heap) };
}

/** Makes the backend current: tfjs has one current backend a process, and other code may have changed it. */
export async function select(tf: Tf, backend: TfjsBackend): Promise<void> {
  if (tf.getBackend() === backend) return;
  if (await tf.setBackend(backend)) return;
  throw new TrainerError('TFJS_BACKEND', `tfjs: backend ${backend} could not be opened`);
}
