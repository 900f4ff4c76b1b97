// Imports point one way: src/core <- backends <- operators <- rest of src <- test, bench.
const forbid = (name, from, to, comment) => ({ name, comment, severity: 'error', from, to });
const only = (name, owner, pattern, comment) =>
  forbid(name, { pathNot: [`^${owner}`, '^(test|bench)/'] }, { path: pattern }, comment);

module.exports = {
  forbidden: [
    forbid('no-cycles', {}, { circular: true }, 'A cycle has no first file to read.'),
    forbid(
      'core-imports-nothing-of-ours',
      { path: '^src/core/' },
      { path: '^(backends|operators|src/(?!core/))' },
      'core is the bottom.',
    ),
    forbid(
      'backends-know-kernels-only',
      { path: '^backends/' },
      { path: '^(operators|src/(?!core/))' },
      'Backends know no operator, dataset or pipeline.',
    ),
    forbid(
      'backends-without-streams',
      { path: '^backends/' },
      { path: 'node_modules/(rxjs|lmdb)/' },
      'Streams and stores are src.',
    ),
    forbid(
      'operators-know-core-and-kernels',
      { path: '^operators/' },
      { path: '^src/(?!core/)' },
      'Operators reach the pipeline through core/step.ts.',
    ),
    forbid(
      'nothing-imports-tests',
      { path: '^(src|operators|backends)/' },
      { path: '^(test|bench)/' },
      'Tests and benches are leaves.',
    ),
    only(
      'one-place-starts-threads',
      'backends/cpu/',
      'node_modules/piscina/',
      'backends/cpu owns the threads.',
    ),
    only(
      'one-place-imports-tfjs',
      'src/trainers/tfjs/',
      'node_modules/@tensorflow/',
      'tfjs stays behind the trainer contract.',
    ),
    only('one-place-imports-lmdb', 'src/store/', 'node_modules/lmdb/', 'src/store owns the format.'),
    only('one-place-opens-devices', 'backends/gpu/', 'node_modules/webgpu/', 'backends/gpu owns devices.'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.as\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
