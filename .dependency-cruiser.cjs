/**
 * The layers, lowest first: a file imports from its own layer and from those before it. A layer is a folder, or a file
 * that stands apart from its folder; of several that hold a file, the longest counts. A file in no layer is an error.
 */
const layers = [
  'src/core',
  'backends/kernels',
  'backends/tensor-kernels',
  'backends/backend.ts',
  'backends/reference',
  'backends/threads',
  'backends/decode',
  'backends/cpu',
  'backends/gpu',
  'operators',
  'src/html',
  'src/raster',
  'src/models',
  'src/quantization',
  'src/graph',
  'src/remote',
  'src/datasets',
  'src/datasets/folder',
  'src/datasets/raw',
  'src/datasets/idx',
  'src/datasets/memory',
  'src/datasets/wrappers',
  'src/datasets/tar',
  'src/datasets/opening/source-kind.ts',
  'src/datasets/opening/remote-source.ts',
  'src/datasets/opening/remote-shard-kind.ts',
  'src/datasets/opening/shard-kind.ts',
  'src/datasets/opening/web-dataset-kind.ts',
  'src/datasets/manifest',
  'src/datasets/imagenet',
  'src/datasets/parquet',
  'src/datasets/tfrecord',
  'src/datasets/cifar',
  'src/datasets/npz',
  'src/datasets/caffe',
  'src/datasets/store',
  'src/datasets/opening/open-dataset.ts',
  'src/engine/quarantine',
  'src/engine/order',
  'src/engine/plan',
  'src/engine/rows',
  'src/engine/slots',
  'src/engine/run',
  'src/apply.ts',
  'src/pipeline.ts',
  'src/streams',
  'src/trainers',
  'src/ranks',
  'src/workspace',
  'src/preview',
  'src/report',
  'src/export',
  'src/training',
  'src/verify',
  'src/replay',
  'src/quarantine',
  'src/inspect',
  'src/demo',
  'src/jobs.ts',
  'src/kernels.ts',
  'src/index.ts',
  'src/cli',
  'src/cli/flags',
  'src/cli/commands',
  'src/cli/main.ts',
  'examples',
  'test/support',
  'bench',
  'test',
];

const isFile = (layer) => layer.endsWith('.ts');
const pattern = (layer) => `^${layer.replaceAll('.', '\\.')}${isFile(layer) ? '$' : '/'}`;
/** Of a layer, without the layers inside it. */
const filesOf = (layer) => ({
  path: pattern(layer),
  pathNot: layers.filter((other) => other !== layer && other.startsWith(`${layer}/`)).map(pattern),
});
/** Of all layers behind this place, without those before it that lie inside one of them. */
const filesAbove = (place) => {
  const above = layers.slice(place + 1);
  const inside = layers
    .slice(0, place + 1)
    .filter((layer) => above.some((one) => layer.startsWith(`${one}/`)));
  return { path: above.length > 0 ? above.map(pattern) : '^$', pathNot: inside.map(pattern) };
};

const forbid = (name, from, to, comment) => ({ name, comment, severity: 'error', from, to });
const only = (owner, dependency) =>
  forbid(
    `only-${owner.replaceAll('/', '-')}-imports-${dependency.replaceAll(/\W+/g, '-')}`,
    { path: '^(src|operators|backends)/', pathNot: `^${owner}/` },
    { path: `node_modules/${dependency}/` },
    `${owner} owns what ${dependency} gives: all others ask it.`,
  );

module.exports = {
  forbidden: [
    forbid('no-cycles', {}, { circular: true }, 'A cycle has no first file to read.'),
    ...layers.map((layer, place) =>
      forbid(
        `above-${layer.replaceAll('/', '-')}`,
        filesOf(layer),
        filesAbove(place),
        `${layer} imports only what stands before it in the list of layers.`,
      ),
    ),
    forbid(
      'known-layer',
      { pathNot: layers.map(pattern) },
      {},
      'Its folder is missing from the list of layers.',
    ),
    forbid(
      'to-known-layer',
      {},
      { path: '^(src|operators|backends|examples|test|bench)/', pathNot: layers.map(pattern) },
      'Its folder is missing from the list of layers.',
    ),
    forbid(
      'by-its-own-name',
      { pathNot: '^(examples|test)/' },
      { path: '^(dist/|millrace$|millrace/)' },
      "'millrace' is the built package, which no list of layers watches: only its users import that.",
    ),
    forbid(
      'examples-are-copied',
      { path: '^examples/' },
      { path: '^(src|operators|backends|test|bench)/' },
      "A person who copies an example has 'millrace', not its sources.",
    ),
    forbid(
      'backends-without-streams',
      { path: '^(backends|operators)/' },
      { path: 'node_modules/lmdb/' },
      'Stores are src/datasets.',
    ),
    only('backends/threads', 'piscina'),
    only('backends/gpu', 'webgpu'),
    only('src/datasets/store', 'lmdb'),
    only('src/remote', 'aws4fetch'),
    only('src/datasets/parquet', 'hyparquet'),
    only('src/datasets/parquet', 'fzstd'),
    only('src/trainers/tfjs', '@tensorflow'),
    only('src/trainers/onnx', 'onnxruntime-web'),
    only('src/ranks/binding', 'koffi'),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    exclude: { path: '\\.as\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.build.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
