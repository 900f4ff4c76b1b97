import { onTestFinished } from 'vitest';
import { type S3Server, startS3 } from './s3-server.ts';

/** A Python with the packages of .ci/install-s3. */
const python = process.env['MILLRACE_S3_PYTHON'];

/** Whether tests of S3 are to be skipped: not where MILLRACE_REQUIRE_S3=1 makes them fail. */
export const lacksS3 = python === undefined && process.env['MILLRACE_REQUIRE_S3'] !== '1';

/** An S3 server with an empty bucket, which checks signatures; ends after the test or suite. */
export async function serveS3(onEnd: (end: () => void) => void = onTestFinished): Promise<S3Server> {
  if (python === undefined) throw new Error('no S3 server: run .ci/install-s3 and set MILLRACE_S3_PYTHON');
  const server = await startS3(python);
  onEnd(() => server.stop());
  return server;
}
