import { createRequire } from 'node:module';
import { TrainerError } from '../../core/errors.ts';

/** Of TensorFlow.js: none of our dependencies, since few need it and it takes 310 MB. */
const VERSION = '4.22';
const packages = {
  cpu: ['@tensorflow/tfjs'],
  wasm: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'],
  webgpu: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-webgpu'],
} as const;

type Backend = keyof typeof packages;

/** Throws where a package that the backend needs is not installed. */
export function requirePackages(backend: Backend, require?: NodeJS.Require): void {
  const reason = reasonNotInstalled(backend, require);
  if (reason !== undefined) throw new TrainerError('MISSING_PACKAGE', `tfjs: ${reason}`);
}

/** What is missing, and how it is installed; undefined: nothing. */
export function reasonNotInstalled(
  backend: Backend,
  require = createRequire(import.meta.url),
): string | undefined {
  const names = packages[backend];
  const missing = names.filter((name) => findPackage(require, name) === undefined);
  if (missing.length === 0) return undefined;
  const command = `npm install ${names.map((name) => `${name}@${VERSION}`).join(' ')}`;
  return `the backend ${backend} needs ${missing.join(' and ')}, not installed with millrace: ${command}`;
}

/** Where the package is; undefined: not installed. */
export function findPackage(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}
