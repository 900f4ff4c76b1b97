import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../support/folders.ts';
import { answer, type HttpServer, serveHttp } from '../support/http-server.ts';
import { photo } from '../support/photos.ts';
import { type Finished, millrace } from '../support/processes.ts';

const CLASSES = ['cat', 'dog'];
const PER_CLASS = 6;
/** None of these may be seen anywhere. */
const secrets = ['SECRETUSER', 'SECRETPASS', 'SECRETSIGNATURE', 'SECRETTOKEN', 'SECRETROW'];
const basic = Buffer.from('SECRETUSER:SECRETPASS').toString('base64');
const query = '?X-Amz-Credential=SECRETUSER&X-Amz-Signature=SECRETSIGNATURE&token=SECRETTOKEN';

const small = ['--batch-size', '4', '--image-size', '16', '--workers', '3', '--seed', '5'];
const tiny = [...small, '--epochs', '2', '--arch', 'efficientnet-nano', '--width', '0.25', '--depth', '0.25'];
const untrained = () => [
  ...[...small, '--epochs', '2', '--trainer', 'none', '--training-only', '--digest'],
  ...['--workspace', folderOf()],
];
const digestIn = ({ stderr }: Finished) => /digest of the stream (\w{64})/.exec(stderr)?.[1];

interface Served {
  readonly server: HttpServer;
  /** The same images as class folders on the disk. */
  readonly folder: string;
  /** Of the list, with all that gives access to it. */
  readonly list: string;
  /** What the processes have: their caches. */
  readonly env: { readonly XDG_CACHE_HOME: string };
}

/** Images on a web server with a list: paths, and whole addresses with a signature of their own. */
async function servedList(): Promise<Served> {
  const names = CLASSES.flatMap((name) => Array.from({ length: PER_CLASS }, (_, i) => `${name}/${i}.jpg`));
  const photos = await Promise.all(names.map((_, i) => photo(i, 32, 24)));
  const images = Object.fromEntries(names.map((name, i) => [name, photos[i] as Buffer]));
  const server = await serveHttp(
    Object.fromEntries(Object.entries(images).map(([name, body]) => [`/photos/${name}`, body])),
    {
      handler: (request, response) => {
        const isAllowed = request.headers.authorization === `Basic ${basic}`;
        const isList = request.url?.includes('.csv');
        const isSigned = !isList || request.url?.endsWith(query);
        return !(isAllowed && isSigned) && answer(403, {}, request.url)(request, response);
      },
    },
  );
  const rows = names.map((name, i) => {
    const address = `${server.url}/photos/${name}?X-Amz-Signature=SECRETROW`;
    return `${i % 2 === 0 ? name : address},${name.slice(0, 3)}`;
  });
  server.objects.set('/photos/train.csv', Buffer.from(['path,label', ...rows, ''].join('\n')));
  const access = server.url.replace('://', '://SECRETUSER:SECRETPASS@');
  return {
    ...{ server, folder: folderOf(images), list: `${access}/photos/train.csv${query}` },
    env: { XDG_CACHE_HOME: folderOf() },
  };
}

/** All names and bytes in a folder. */
function contentOf(folder: string): string {
  const names = readdirSync(folder, { recursive: true }) as string[];
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return [...names, ...files.map((name) => readFileSync(join(folder, name), 'latin1'))].join('\n');
}

function expectNoSecrets(texts: readonly string[]): void {
  for (const text of texts) {
    expect(text).not.toBe('');
    expect([...secrets, basic].filter((secret) => text.includes(secret))).toEqual([]);
  }
}

describe('a list at a web server, with relative and whole addresses', () => {
  it('is trained on, evaluated and verified as the folder is, and shows nowhere what gives access', async () => {
    const { server, folder, list, env } = await servedList();
    const [workspace, cache] = [folderOf(), folderOf()];
    const own = ['--cache', cache];
    const trained = await millrace(
      ['train', list, ...own, ...tiny, '--digest', '--val-data', list, '--workspace', workspace],
      { env },
    );
    expect(trained).toMatchObject({ code: 0 });
    const local = await millrace(
      ['train', folder, ...tiny, '--digest', '--training-only', '--workspace', folderOf()],
      {
        env,
      },
    );
    expect(digestIn(trained)).toMatch(/\w{64}/);
    expect(digestIn(trained)).toBe(digestIn(local));
    const checkpoint = join(workspace, 'checkpoint.safetensors');
    const evaluated = await millrace(['evaluate', checkpoint, list, ...own, '-b', '4', '-j', '2', '--json'], {
      env,
    });
    expect(evaluated).toMatchObject({ code: 0, stdout: expect.stringContaining('top1') });
    const verified = await millrace(
      ['verify', folder, list, ...small, '--batches', '1', '--no-ranks', '--only', 'workers', '--json'],
      { env },
    );
    expect(verified).toMatchObject({ code: 0 });
    expectNoSecrets([trained, evaluated, verified].map(({ stdout, stderr }) => stdout + stderr));
    expectNoSecrets(
      [workspace, cache, env.XDG_CACHE_HOME].filter((path) => readdirSync(path).length > 0).map(contentOf),
    );
    // what was said of the run is there to be searched
    expect(contentOf(workspace)).toContain(`${server.url}/photos/train.csv`);
  });

  it('is imported and inspected as the folder is, with an image that is missing, and shows as little', async () => {
    const { server, folder, list, env } = await servedList();
    const [cache, out, workspace] = [folderOf(), folderOf(), folderOf()];
    const own = ['--cache', cache];
    const imported = await millrace(['import', list, join(out, 'a.lmdb'), '--json', ...own], { env });
    const expected = await millrace(['import', folder, join(out, 'b.lmdb'), '--json'], { env });
    expect(imported).toMatchObject({ code: 0 });
    expect(JSON.parse(imported.stdout).digest).toBe(JSON.parse(expected.stdout).digest);
    server.objects.delete('/photos/dog/1.jpg');
    const quarantine = join(out, 'bad.jsonl');
    const substituted = await millrace(
      [
        'bench',
        list,
        ...small,
        '--on-error',
        'substitute',
        '--quarantine',
        quarantine,
        '--seconds',
        '1',
        '--json',
      ],
      { env },
    );
    expect(substituted).toMatchObject({ code: 0 });
    expect(readFileSync(quarantine, 'utf8')).toContain('/photos/dog/1.jpg');
    const inspected = await millrace(['inspect', list, '--json'], { env });
    expect(JSON.parse(inspected.stdout)).toMatchObject({ samples: 12, missing: 1 });
    const rechecked = await millrace(['quarantine', quarantine, '--recheck', list], { env });
    expect(rechecked.stdout).toContain('1 bad');
    const unevaluated = await millrace(
      [
        'train',
        list,
        ...small,
        ...['--epochs', '1', '--trainer', 'none', '--on-error', 'substitute', '--workspace', workspace],
      ],
      { env },
    );
    expect(unevaluated.stderr).toContain(`${server.url}/photos/train.csv has no val split`);
    const outputs = [imported, substituted, inspected, rechecked, unevaluated];
    expectNoSecrets(outputs.map(({ stdout, stderr }) => stdout + stderr));
    expectNoSecrets([cache, out, workspace].map(contentOf));
  });

  it('is refused without showing what was tried', async () => {
    const { server, list, env } = await servedList();
    const wrong = list.replaceAll('SECRETPASS', 'SECRETPASSWRONG');
    for (const args of [
      ['train', wrong, ...untrained()],
      ['inspect', wrong, '--json'],
      ['import', wrong, join(folderOf(), 'a.lmdb'), '--json'],
    ]) {
      const refused = await millrace(args, { env });
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain(`${server.url}/photos/train.csv: access denied (HTTP 403)`);
      expectNoSecrets([refused.stdout + refused.stderr]);
    }
    if (existsSync(join(env.XDG_CACHE_HOME, 'millrace'))) expectNoSecrets([contentOf(env.XDG_CACHE_HOME)]);
  });

  it('gives one stream when the server is gone for 5 s, which one line says', async () => {
    const { server, folder, list, env } = await servedList();
    const expected = digestIn(await millrace(['train', folder, ...untrained()], { env }));
    const { handler } = server.options;
    let images = 0;
    server.options = {
      handler: (request, response) => {
        // all were looked up, and some of the first epoch's were read
        if (request.url?.includes('.jpg') && request.headers.range !== 'bytes=0-0' && ++images === 6) {
          void server.stop();
          setTimeout(() => void server.start(), 5000);
        }
        return handler?.(request, response) === true;
      },
    };
    const trained = await millrace(['train', list, ...untrained()], { env });
    expect(trained).toMatchObject({ code: 0 });
    expect(digestIn(trained)).toBe(expected);
    expect(trained.stderr.match(/trying again for 60 s/g)).toHaveLength(1);
  });

  it('ends the run by name where an image is replaced in the middle of it', async () => {
    const { server, list, env } = await servedList();
    const { handler } = server.options;
    const other = await photo(99, 40, 30);
    let images = 0;
    server.options = {
      handler: (request, response) => {
        // when the first epoch's were read
        if (request.url?.includes('.jpg') && request.headers.range !== 'bytes=0-0' && ++images === 14)
          for (const path of server.objects.keys())
            if (path.endsWith('.jpg')) server.objects.set(path, other);
        return handler?.(request, response) === true;
      },
    };
    const trained = await millrace(['train', list, ...untrained(), '--on-error', 'substitute'], { env });
    expect(trained.code).not.toBe(0);
    expect(trained.stderr).toMatch(
      /(cat|dog)\/\d\.jpg: http:\/\/127\.0\.0\.1:\d+\/photos\/(cat|dog)\/\d\.jpg: .*it has changed since it was listed/,
    );
    expectNoSecrets([trained.stdout + trained.stderr]);
  });
});
