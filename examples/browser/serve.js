// Serves the page beside it, a model and onnxruntime-web: node serve.js model.onnx
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';

const model = process.argv[2] ?? 'model.onnx';
const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Where the file of a request lies; nothing else of this machine is served. */
function fileOf(path) {
  if (path === '/model.onnx') return model;
  if (path.startsWith('/onnxruntime-web/')) return join(runtime, basename(path));
  return join(import.meta.dirname, path === '/' ? 'index.html' : basename(path));
}

const server = createServer(({ url }, response) => {
  const file = fileOf(new URL(url, 'http://page').pathname);
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile()) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': types[extname(file)] ?? '', 'content-length': stats.size });
  createReadStream(file).pipe(response);
});
server.listen(Number(process.env.PORT ?? 8080), 'localhost', () => {
  console.log(`${model}: http://localhost:${server.address().port}`);
});
