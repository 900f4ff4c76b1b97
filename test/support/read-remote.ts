/** A thread that reads the first bytes of a remote file, as reader threads do: posts them, or the error in words. */
import { inspect } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import type { RemoteFile } from '../../src/remote/remote-file.ts';
import { RemoteFiles, type RemoteOptions } from '../../src/remote/remote-files.ts';

const { file, options } = workerData as { readonly file: RemoteFile; readonly options: RemoteOptions };
const files = new RemoteFiles(options, (message) => parentPort?.postMessage({ message }));
try {
  parentPort?.postMessage({ bytes: await files.read(file, 0, 4) });
} catch (cause) {
  parentPort?.postMessage({ error: inspect(cause) });
}
await files.close();
