import { createRequire } from 'node:module';
import { reasonOf, TrainerError } from '../../core/errors.ts';
import { findPackage } from './packages.ts';
import type { Tf } from './tf.ts';

/** Packages with TensorFlow's own library, which their installation downloads: optional, and none of our dependencies. */
const packages = {
  node: { name: '@tensorflow/tfjs-node', downloads: 'libtensorflow 2.9.1' },
  'node-gpu': {
    name: '@tensorflow/tfjs-node-gpu',
    downloads: 'libtensorflow 2.9.1 for CUDA 11.2 and cuDNN 8.1, which must be there',
  },
} as const;
export type NodeBackend = keyof typeof packages;

export const isNodeBackend = (name: string): name is NodeBackend => Object.hasOwn(packages, name);

/** TensorFlow.js as the installed package gives it, which has opened its backend `tensorflow`. */
export function loadNode(backend: NodeBackend, require = createRequire(import.meta.url)): Tf {
  const { name, downloads } = packages[backend];
  const path = findPackage(require, name);
  if (path === undefined) {
    const command = `npm install ${name}@4.22.0, which downloads ${downloads}`;
    throw new TrainerError(
      'MISSING_PACKAGE',
      `tfjs: the backend ${backend} needs ${name}, which is not installed: ${command}`,
    );
  }
  restoreUtil(require('node:util'));
  try {
    return require(path);
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new TrainerError('TFJS_BACKEND', `tfjs: ${name} is installed, but cannot be loaded: ${reason}`, {
      cause,
    });
  }
}

/** Gives Node's util back what Node 23 took away and tfjs-node 4.22 still calls. */
function restoreUtil(util: Record<string, unknown>): void {
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}
