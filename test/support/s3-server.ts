import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AwsClient } from 'aws4fetch';
import { encodedKey } from '../../src/remote/s3-origin.ts';

export interface S3Server {
  readonly bucket: string;
  /** What a client has in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  put(key: string, body: Uint8Array): Promise<void>;
  /** Ends it. */
  stop(): void;
}

/**
 * Starts an S3 server with an empty bucket, which checks signatures, by a Python with the packages of .ci/install-s3.
 * `pageKeys`: objects in a page of a list; few by default, so that there are several pages.
 */
export async function startS3(python: string, pageKeys = 2): Promise<S3Server> {
  const bucket = 'images';
  const server = spawn(python, [join('test', 'support', 's3_server.py'), bucket], {
    env: { ...process.env, MOTO_S3_DEFAULT_MAX_KEYS: String(pageKeys) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
  const { port, accessKeyId, secretAccessKey } = JSON.parse(line);
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: 's3', region: 'us-east-1' });
  return {
    bucket,
    environment: {
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
      ...{ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_S3: endpoint },
    },
    async put(key, body) {
      const response = await client.fetch(`${endpoint}/${bucket}/${encodedKey(key)}`, {
        method: 'PUT',
        body,
      });
      if (!response.ok) throw new Error(`PUT ${key}: HTTP ${response.status}`);
    },
    stop: () => void server.kill(),
  };
}
