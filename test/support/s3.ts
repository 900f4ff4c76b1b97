import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AwsClient } from 'aws4fetch';
import { onTestFinished } from 'vitest';
import { encodedKey } from '../../src/remote/s3-origin.ts';

/** A Python with the packages of .ci/install-s3. */
const python = process.env['MILLRACE_S3_PYTHON'];

/** Whether tests of S3 are to be skipped: not where MILLRACE_REQUIRE_S3=1 makes them fail. */
export const lacksS3 = python === undefined && process.env['MILLRACE_REQUIRE_S3'] !== '1';

export interface S3Server {
  readonly bucket: string;
  /** What a client has in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  put(key: string, body: Uint8Array): Promise<void>;
}

/** An S3 server with an empty bucket, which checks signatures; ends after the test or suite. */
export async function serveS3(onEnd: (end: () => void) => void = onTestFinished): Promise<S3Server> {
  if (python === undefined) throw new Error('no S3 server: run .ci/install-s3 and set MILLRACE_S3_PYTHON');
  const bucket = 'images';
  const server = spawn(python, [join('test', 'support', 's3_server.py'), bucket], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onEnd(() => server.kill());
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
  };
}
