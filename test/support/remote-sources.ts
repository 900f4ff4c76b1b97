import { vi } from 'vitest';
import type { Dataset } from '../../src/datasets/dataset.ts';
import { openDataset } from '../../src/datasets/opening/open-dataset.ts';
import { folderOf } from './folders.ts';
import { type HttpServer, serveHttp } from './http-server.ts';

/** Files in a folder on the disk and on a server, under the same names. */
export interface ServedFiles {
  readonly folder: string;
  readonly server: HttpServer;
}

/** Serves files until the test has ended. What is kept of Parquet files is kept in a folder of the test's. */
export async function served(files: Readonly<Record<string, Buffer>>): Promise<ServedFiles> {
  vi.stubEnv('XDG_CACHE_HOME', folderOf());
  const server = await serveHttp(
    Object.fromEntries(Object.entries(files).map(([name, body]) => [`/${name}`, body])),
  );
  return { folder: folderOf(files), server };
}

/** Opens all files of the server, named in braces. */
export function openServed({ server }: ServedFiles): Promise<Dataset> {
  const names = [...server.objects.keys()].map((path) => path.slice(1));
  return openDataset(`${server.url}/${names.length === 1 ? names[0] : `{${names.join(',')}}`}`);
}
