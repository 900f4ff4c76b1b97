// Compiles every backends/kernels/<name>/<name>.as.ts into one WebAssembly module, dist/backends/cpu/kernels.wasm.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const sources = readdirSync('backends/kernels')
  .map((name) => `backends/kernels/${name}/${name}.as.ts`)
  .filter((path) => existsSync(path));
mkdirSync('dist/backends/cpu', { recursive: true });

const { error, stderr } = await asc.main([
  ...sources,
  ...['--outFile', 'dist/backends/cpu/kernels.wasm'],
  ...[
    '--runtime',
    'stub',
    '--noAssert',
    '--enable',
    'simd',
    '--optimizeLevel',
    '3',
    '--shrinkLevel',
    '0',
    '--converge',
    // v128 in a signature: between our own functions, never across the module's border
    '--disableWarning',
    '112',
  ],
]);
process.stderr.write(stderr.toString());
if (error) process.exit(1);
