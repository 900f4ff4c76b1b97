import { AwsV4Signer } from 'aws4fetch';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AwsCredentialSource } from '../../../src/remote/aws-credentials.ts';
import { RemoteFiles } from '../../../src/remote/remote-files.ts';
import { S3Origin } from '../../../src/remote/s3-origin.ts';
import { lacksS3, serveS3 } from '../../support/s3.ts';
import type { S3Server } from '../../support/s3-server.ts';

function openFiles(): RemoteFiles {
  const files = new RemoteFiles();
  onTestFinished(() => files.close());
  return files;
}

describe.skipIf(lacksS3)('an S3 server that checks signatures', () => {
  let server: S3Server;
  const ends: (() => void)[] = [];
  const bytes = Buffer.from('bytes of an object');
  const odd = [
    'a b/c.tar',
    'café/ł.tar',
    'a+b%2B%20.tar',
    "q(1)!*'~.tar",
    'd&e=f@g:h;i,j$k.tar',
    'x//y#z?.tar',
  ];

  beforeAll(async () => {
    server = await serveS3((end) => ends.push(end));
    for (const key of odd) await server.put(`odd/${key}`, bytes);
    await server.put('odd/', Buffer.alloc(0));
    await server.put('oddity.tar', bytes);
  });

  afterAll(() => {
    for (const end of ends) end();
  });

  beforeEach(() => {
    for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
  });

  it.each(odd)('gives ranges of %s', async (key) => {
    const files = openFiles();
    const url = `s3://images/odd/${key}`;
    const file = await files.find(url);
    expect(file).toMatchObject({ url, size: bytes.length });
    expect(await files.read(file, 9, 6)).toEqual(bytes.subarray(9, 15));
  });

  it('lists all pages of a folder, and what is in no other', async () => {
    const files = openFiles();
    const listed = await files.list('s3://images/odd');
    expect(listed.map(({ url }) => url)).toEqual(odd.map((key) => `s3://images/odd/${key}`).sort());
    for (const file of listed) expect(file).toEqual(await files.find(file.url));
    expect(await files.list('s3://images/')).toHaveLength(odd.length + 1);
    await expect(files.list('s3://images/none')).rejects.toMatchObject({ code: 'MISSING_FOLDER' });
  });

  it('names an object that was replaced', async () => {
    const files = openFiles();
    await server.put('changes.tar', bytes);
    const file = await files.find('s3://images/changes.tar');
    await server.put('changes.tar', Buffer.from(bytes).reverse());
    await expect(files.read(file, 0, 5)).rejects.toMatchObject({ code: 'CHANGED_DATA' });
    await expect(files.read(file, 0, 5)).rejects.toThrow('s3://images/changes.tar: its ETag is no longer');
  });

  it('finds an empty object', async () => {
    await server.put('empty.tar', Buffer.alloc(0));
    expect(await openFiles().find('s3://images/empty.tar')).toMatchObject({ size: 0 });
  });

  it('names what is missing', async () => {
    await expect(openFiles().find('s3://images/none.tar')).rejects.toThrow(
      's3://images/none.tar: no such object (HTTP 404, NoSuchKey)',
    );
    await expect(openFiles().find('s3://others/none.tar')).rejects.toMatchObject({ code: 'MISSING_FILE' });
  });

  it('refuses a wrong key, and requests without any, and says what to check', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong');
    const refused = openFiles().find('s3://images/oddity.tar');
    await expect(refused).rejects.toMatchObject({ name: 'DataError', code: 'ACCESS_DENIED' });
    await expect(refused).rejects.toThrow('(HTTP 403, SignatureDoesNotMatch); check AWS_ACCESS_KEY_ID');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', '');
    await expect(openFiles().find('s3://images/oddity.tar')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });
});

describe('signatures', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
  const published = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    ...{ service: 's3', region: 'us-east-1', datetime: '20130524T000000Z' },
  };
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

  it.each([
    ['test.txt', { range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
    ['?max-keys=2&prefix=J', {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
    ['?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ])("are those of Amazon's documentation: %s", async (path, headers, signature) => {
    const signer = new AwsV4Signer({
      ...published,
      url: `https://examplebucket.s3.amazonaws.com/${path}`,
      headers: { 'x-amz-content-sha256': empty, ...headers },
      allHeaders: true,
    });
    expect(await signer.signature()).toBe(signature);
  });

  it('are left out where nobody has credentials, and the session token is sent', async () => {
    const url = 's3://bucket/a.tar';
    const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_SESSION_TOKEN: 'c' };
    const signed = await new S3Origin(keys).place(url).target({ range: 'bytes=0-0' });
    expect(signed.headers).toMatchObject({ range: 'bytes=0-0', 'x-amz-security-token': 'c' });
    const unsigned = await new S3Origin({}).place(url).target({ range: 'bytes=0-0' });
    expect(unsigned.headers).toEqual({ range: 'bytes=0-0' });
  });
});

describe('addresses', () => {
  const urlOf = async (origin: S3Origin, url: string) => (await origin.place(url).target({})).url.href;

  it("are Amazon's by region, or a server's", async () => {
    const origin = new S3Origin({ AWS_DEFAULT_REGION: 'eu-west-3' });
    expect(await urlOf(origin, 's3://bucket/a b.tar')).toBe(
      'https://bucket.s3.eu-west-3.amazonaws.com/a%20b.tar',
    );
    expect(await urlOf(origin, 's3://my.bucket/a')).toBe('https://s3.eu-west-3.amazonaws.com/my.bucket/a');
    const own = new S3Origin({ AWS_ENDPOINT_URL: 'http://localhost:9000/' });
    expect(await urlOf(own, 's3://bucket/a')).toBe('http://localhost:9000/bucket/a');
  });

  it('are corrected where the bucket lies in another region', async () => {
    const origin = new S3Origin({});
    const place = origin.place('s3://bucket/a');
    const answer = { status: 301, headers: { 'x-amz-bucket-region': 'eu-west-3' }, body: undefined };
    expect(place.tellsBetter?.(answer)).toBe(true);
    expect((await place.target({})).url.host).toBe('bucket.s3.eu-west-3.amazonaws.com');
    expect(place.tellsBetter?.(answer)).toBe(false);
  });

  it.each(['s3://', 's3:///a', 's3://bucket', 's3://bucket/a/../b'])('are checked: %s', (url) => {
    expect(() => new S3Origin({}).place(url)).toThrow(`${url}: expected s3://bucket/key`);
  });
});

describe('credentials', () => {
  const inMs = (ms: number) => new Date(Date.now() + ms);
  const chainOf = (...results: (Date | Error)[]) => {
    const provide = vi.fn(async () => {
      const result = results.shift();
      if (result instanceof Date) return { accessKeyId: 'a', secretAccessKey: 'b', expiration: result };
      throw result;
    });
    return { source: new AwsCredentialSource({}, async () => provide), provide };
  };

  it('are renewed before they expire, once for all who ask', async () => {
    const { source, provide } = chainOf(inMs(60_000), inMs(3_600_000), inMs(7_200_000));
    await Promise.all(Array.from({ length: 8 }, () => source.get()));
    const { expiration } = (await source.get()) ?? {};
    expect(Number(expiration)).toBeGreaterThan(Date.now() + 3_000_000);
    expect(provide).toHaveBeenCalledTimes(2);
  });

  it('are used as long as they hold where they cannot be renewed', async () => {
    const { source } = chainOf(inMs(60_000), new Error('no network'), new Error('no network'));
    expect(await source.get()).toMatchObject({ accessKeyId: 'a' });
    expect(await source.get()).toMatchObject({ accessKeyId: 'a' });
  });

  it('are none where the chain finds none, and an error where it fails', async () => {
    const none = new Error('Could not load credentials from any providers');
    expect(await chainOf(none).source.get()).toBeUndefined();
    await expect(chainOf(new Error('run aws sso login')).source.get()).rejects.toMatchObject({
      ...{ code: 'ACCESS_DENIED', message: '@aws-sdk/credential-providers: run aws sso login' },
    });
  });
});
