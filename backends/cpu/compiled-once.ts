import { readFile } from 'node:fs/promises';

/** A WebAssembly module, which is compiled when it is first asked for, and once. */
export function compiledOnce(url: URL): () => Promise<WebAssembly.Module> {
  let compiled: Promise<WebAssembly.Module> | undefined;
  return async () => {
    compiled ??= readFile(url).then(WebAssembly.compile);
    try {
      return await compiled;
    } catch (error) {
      // a failure may pass: it is not remembered
      compiled = undefined;
      throw error;
    }
  };
}
