import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TensorContainer } from '@tensorflow/tfjs';
import type { Gpu } from '../../../backends/gpu/device/device.ts';
import { TrainerError } from '../../core/errors.ts';
import { composedOperations } from './composed-operations.ts';
import { isNodeBackend, loadNode, type NodeBackend } from './node.ts';
import type { Operations } from './operations.ts';
import { requirePackages } from './packages.ts';
import type { Tf } from './tf.ts';
import { registerWasmGradients } from './wasm-gradients.ts';
import type { ImageWidener } from './widen.ts';

/**
 * Backends of TensorFlow.js that train here: `wasm` is the fast one without a GPU, `webgpu` the one with, `cpu` plain
 * JavaScript, the oracle of tests; `node` and `node-gpu` are TensorFlow's own library, from packages that a user installs.
 */
export const tfjsBackends = ['wasm', 'webgpu', 'cpu', 'node', 'node-gpu'] as const;
export type TfjsBackend = (typeof tfjsBackends)[number];

/** TensorFlow.js on one backend, with what depends on it. */
export interface Tensorflow {
  readonly tf: Tf;
  /** The backend's name in tfjs's registry. */
  readonly backend: string;
  readonly operations: Operations;
  /** Whether convolutions pad by any number of pixels, and not by TensorFlow's rules 'same' and 'valid' alone. */
  readonly padsFreely: boolean;
  /** The GPU that the backend computes on. */
  readonly gpu: Gpu | undefined;
  /** Makes of a batch on that GPU what the backend can take. */
  readonly widener: ImageWidener | undefined;
  /** Has everything computed so far on its way, where a backend puts it off. */
  flush(): void;
  close(): void;
}

/** @param device for webgpu: that of the gpu data backend; left out: the fastest adapter's */
export function openTensorflow(backend: TfjsBackend, device?: GPUDevice): Promise<Tensorflow> {
  return backend === 'webgpu' ? openWebgpu(device) : openFromMemory(backend);
}

/** Makes the backend current: tfjs has one current backend a process, and other code may have changed it. */
export function select({ tf, backend, gpu }: Tensorflow): void {
  // with its device a backend is gone
  gpu?.check();
  // at once: only a backend's first use is asynchronous
  if (tf.getBackend() !== backend) void tf.setBackend(backend);
}

/**
 * What `action` computes on the backend. All is handed to the backend when this returns, and `action` must not wait:
 * whoever is next may select another backend and write over what this one reads.
 */
export function compute<T extends TensorContainer>(tensorflow: Tensorflow, action: () => T): T {
  select(tensorflow);
  try {
    return tensorflow.tf.tidy(action);
  } finally {
    tensorflow.flush();
  }
}

async function openWebgpu(device: GPUDevice | undefined): Promise<Tensorflow> {
  requirePackages('webgpu');
  const tf = await loadTfjs();
  // loaded where it is used: the package webgpu is not built for every platform
  const { openOnGpu } = await import('./webgpu.ts');
  return { tf, operations: composedOperations(tf), padsFreely: true, ...(await openOnGpu(tf, device)) };
}

/** Those that take batches from memory, whatever they compute on. */
type MemoryBackend = Exclude<TfjsBackend, 'webgpu'>;

/** Opened backends; tfjs keeps one of each a process. */
const opened = new Map<TfjsBackend, Promise<Tensorflow>>();

function openFromMemory(backend: MemoryBackend): Promise<Tensorflow> {
  const known = opened.get(backend);
  if (known) return known;
  const opening = open(backend);
  opened.set(backend, opening);
  // a failure may pass (a missing file put in place): it is not remembered
  opening.catch(() => opened.delete(backend));
  return opening;
}

async function open(backend: MemoryBackend): Promise<Tensorflow> {
  if (isNodeBackend(backend)) return openNode(backend);
  requirePackages(backend);
  const tf = await loadTfjs();
  if (backend === 'wasm') await openWasm(tf);
  await initialize(tf, backend);
  return { tf, backend, operations: composedOperations(tf), padsFreely: true, ...withoutGpu };
}

async function openNode(name: NodeBackend): Promise<Tensorflow> {
  const tf = loadNode(name);
  const backend = 'tensorflow';
  await initialize(tf, backend);
  return { tf, backend, operations: composedOperations(tf), padsFreely: false, ...withoutGpu };
}

const withoutGpu = { gpu: undefined, widener: undefined, flush() {}, close() {} } as const;

async function loadTfjs(): Promise<Tf> {
  const tf = await import('@tensorflow/tfjs');
  // silences the advice that tfjs prints to install another package
  tf.env().set('PROD', true);
  return tf;
}

async function openWasm(tf: Tf): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(join(dirname(main), '/'));
  // threads did not speed up a training step, and their workers would keep the process alive
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  registerWasmGradients(tf);
}

async function initialize(tf: Tf, backend: string): Promise<void> {
  if (await tf.setBackend(backend)) return;
  throw new TrainerError('TFJS_BACKEND', `tfjs: backend ${backend} could not be opened`);
}
