import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { requirePackages } from '../../../../src/trainers/tfjs/packages.ts';
import { folderOf } from '../../../support/folders.ts';

/** How a module would load packages that stands beside these alone. */
const requireBeside = (...names: string[]): NodeJS.Require => {
  const files = names.map((name) => [`node_modules/${name}/index.js`, ''] as const);
  return createRequire(join(folderOf(Object.fromEntries(files)), 'module.js'));
};

describe('requirePackages', () => {
  it('names what is missing, and installs all that belongs together', () => {
    const tfjsAlone = requireBeside('@tensorflow/tfjs');
    expect(() => requirePackages('cpu', tfjsAlone)).not.toThrow();
    expect(() => requirePackages('wasm', tfjsAlone)).toThrow(
      'tfjs: the backend wasm needs @tensorflow/tfjs-backend-wasm, not installed with millrace: ' +
        'npm install @tensorflow/tfjs@4.22 @tensorflow/tfjs-backend-wasm@4.22',
    );
    expect(() => requirePackages('webgpu', requireBeside('another'))).toThrow(
      'needs @tensorflow/tfjs and @tensorflow/tfjs-backend-webgpu, not',
    );
  });

  it('installs the versions that the package is made for', () => {
    const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    for (const name of ['tfjs', 'tfjs-backend-wasm', 'tfjs-backend-webgpu'])
      expect(peerDependencies[`@tensorflow/${name}`]).toBe('~4.22.0');
  });
});

it('is needed by no type of the public surface', () => {
  const surface = ['dist/src/index.d.ts', 'dist/src/kernels.d.ts'].map((path) => resolve(path));
  const program = ts.createProgram(surface, { module: ts.ModuleKind.NodeNext, types: ['node'] });
  const files = program.getSourceFiles().map(({ fileName }) => fileName);
  expect(files).toContain(resolve('dist/src/core/trainer.d.ts'));
  expect(files.filter((file) => file.includes('tfjs'))).toEqual([]);
});
