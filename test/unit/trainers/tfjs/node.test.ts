import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TrainerError } from '../../../../src/core/errors.ts';
import { loadNode, type NodeBackend } from '../../../../src/trainers/tfjs/node.ts';
import { folderOf } from '../../../support/folders.ts';

const util: Record<string, unknown> = createRequire(import.meta.url)('node:util');

/** Takes a function from Node's util until the test ends, as Node 23 does for good. */
function remove(name: string): void {
  const removed = util[name];
  delete util[name];
  onTestFinished(() => {
    util[name] = removed;
  });
}

/** How a module beside this package.json and node_modules would load packages. */
const requireBeside = (name: string, index: string): NodeJS.Require =>
  createRequire(join(folderOf({ [`node_modules/${name}/index.js`]: index }), 'module.js'));

describe('loadNode', () => {
  it.each<[NodeBackend, string]>([
    ['node', 'npm install @tensorflow/tfjs-node@4.22.0, which downloads libtensorflow 2.9.1'],
    [
      'node-gpu',
      'npm install @tensorflow/tfjs-node-gpu@4.22.0, which downloads libtensorflow 2.9.1 for CUDA',
    ],
  ])('says of %s what to install, and what that downloads', (backend, advice) => {
    const elsewhere = requireBeside('another', '');
    expect(() => loadNode(backend, elsewhere)).toThrow(TrainerError);
    expect(() => loadNode(backend, elsewhere)).toThrow(advice);
  });

  it('gives the package what Node 23 removed, before it is loaded', () => {
    for (const name of ['isNullOrUndefined', 'isArray']) remove(name);
    const uses = `const { isNullOrUndefined, isArray } = require('util');
      exports.values = [null, undefined, 0, ''].map((value) => isNullOrUndefined(value));
      exports.arrays = [[], 'text'].map((value) => isArray(value));`;
    expect(loadNode('node', requireBeside('@tensorflow/tfjs-node', uses))).toEqual({
      values: [true, true, false, false],
      arrays: [true, false],
    });
  });

  it('says why an installed package cannot be loaded', () => {
    const broken = requireBeside(
      '@tensorflow/tfjs-node-gpu',
      "throw new Error('libcudart.so.11.0: missing')",
    );
    expect(() => loadNode('node-gpu', broken)).toThrow(
      'tfjs: @tensorflow/tfjs-node-gpu is installed, but cannot be loaded: libcudart.so.11.0: missing',
    );
  });
});
