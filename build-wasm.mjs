// Compiles every backends/kernels/<name>/<name>.as.ts into one WebAssembly module, dist/backends/cpu/kernels.wasm.
// Files beside the folders (blend.as.ts, ...) are imported by them and export nothing of their own.
import { mkdirSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import asc from 'assemblyscript/asc';

const sources = readdirSync('backends/kernels', { recursive: true })
  .filter((name) => basename(name) === `${basename(dirname(name))}.as.ts`)
  .map((name) => join('backends/kernels', name))
  .sort();
const options = {
  outFile: 'dist/backends/cpu/kernels.wasm',
  runtime: 'stub',
  enable: 'simd',
  optimizeLevel: '3',
};
// 112: v128 in a signature is between our own functions, never across the module's border
const flags = ['--noAssert', '--converge', '--shrinkLevel', '0', '--disableWarning', '112'];
mkdirSync(dirname(options.outFile), { recursive: true });

const named = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
const { error, stderr } = await asc.main([...sources, ...named, ...flags]);
process.stderr.write(stderr.toString());
if (error) process.exit(1);
