import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpServer, serveHttp } from './http-server.ts';

export const commit = 'a'.repeat(40);

/** The Hugging Face hub, as far as datasets are read, and the server that its files come from. */
export interface HfHub {
  readonly hub: HttpServer;
  readonly files: HttpServer;
  /** Addresses that the hub gave before hold no longer. */
  expire(): void;
}

/** A private dataset `org/name`, once `old/name`, with these files (path: content), in pages of two. */
export async function serveHub(content: Readonly<Record<string, Buffer>>, token: string): Promise<HfHub> {
  let signature = 1;
  const files = await serveHttp(
    Object.fromEntries(Object.entries(content).map(([path, body]) => [`/blobs/${path}`, body])),
    {
      handler: ({ url = '' }, response) => {
        if (new URL(url, 'http://a').searchParams.get('signature') === String(signature)) return false;
        response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
        return true;
      },
    },
  );
  const answerHub = ({ url = '', headers }: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(url, hub.url);
    const json = (value: unknown, more = {}) => response.writeHead(200, more).end(JSON.stringify(value));
    if (headers.authorization !== `Bearer ${token}`)
      response.writeHead(401, { 'x-error-code': 'GatedRepo' }).end();
    else if (pathname.includes('/old/'))
      response.writeHead(307, { location: url.replace('/old/', '/org/') }).end();
    else if (/^\/api\/datasets\/org\/name\/revision\/(main|a{40})$/.test(pathname)) json({ sha: commit });
    else if (pathname.startsWith(`/api/datasets/org/name/tree/${commit}/`)) {
      const under = pathname.slice(`/api/datasets/org/name/tree/${commit}/`.length);
      const paths = Object.keys(content).filter((path) => path.startsWith(under === '' ? '' : `${under}/`));
      const from = Number(searchParams.get('cursor'));
      const page = paths.slice(from, from + 2);
      const next = new URL(`${pathname}?recursive=true&cursor=${from + 2}`, hub.url);
      const isLast = from + 2 >= paths.length;
      const entries = page.map((path) => ({
        ...{ type: 'file', path, oid: 'git', size: 100 },
        lfs: { oid: `sha256 of ${path}`, size: (content[path] as Buffer).length },
      }));
      json(
        [{ type: 'directory', path: 'folder', oid: 'x', size: 0 }, ...entries],
        isLast ? {} : { link: `<${next}>; rel="next"` },
      );
    } else {
      const path = /^\/datasets\/org\/name\/resolve\/(?:main|a{40})\/(.*)$/.exec(
        decodeURIComponent(pathname),
      )?.[1];
      if (path === undefined || content[path] === undefined)
        response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
      else
        response
          .writeHead(302, {
            ...{ 'x-repo-commit': commit, 'x-linked-etag': `"sha256 of ${path}"` },
            location: `${files.url}/blobs/${path.split('/').map(encodeURIComponent).join('/')}?signature=${signature}`,
          })
          .end();
    }
    return true;
  };
  const hub = await serveHttp({}, { handler: answerHub });
  return { hub, files, expire: () => void signature++ };
}
