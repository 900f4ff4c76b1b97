// Compiles AssemblyScript into three WebAssembly modules: the image kernels of the cpu backend; its tensor kernels, whose threads
// share a memory; and the inflate of PNGs, which all backends share.
import { mkdirSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import asc from 'assemblyscript/asc';

const common = { runtime: 'stub', enable: 'simd', optimizeLevel: '3' };
// 112: v128 in a signature is between our own functions, never across the module's border
const flags = ['--noAssert', '--converge', '--shrinkLevel', '0', '--disableWarning', '112'];

// Files beside the folders (blend.as.ts, ...) are imported by the kernels and export nothing of their own.
await compile(kernelsIn('backends/kernels'), 'dist/backends/cpu/kernels.wasm');
await compile(
  [...kernelsIn('backends/tensor-kernels'), ...sourcesIn('backends/cpu/tensors')],
  'dist/backends/cpu/tensors/tensor-kernels.wasm',
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--enable', 'threads'],
);
await compile(['backends/decode/zlib/inflate.as.ts'], 'dist/backends/decode/zlib/inflate.wasm');

function kernelsIn(folder) {
  return sourcesIn(folder).filter((path) => basename(path) === `${basename(dirname(path))}.as.ts`);
}

function sourcesIn(folder) {
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.as.ts'));
  return names.map((name) => join(folder, name)).sort();
}

async function compile(sources, outFile, ...extra) {
  mkdirSync(dirname(outFile), { recursive: true });
  const named = Object.entries({ ...common, outFile }).flatMap(([name, value]) => [`--${name}`, value]);
  const { error, stderr } = await asc.main([...sources, ...named, ...flags, ...extra]);
  process.stderr.write(stderr.toString());
  if (error) process.exit(1);
}
