import { BackendError, DataError, type MillraceError } from '../core/errors.ts';
import type { RemoteFile } from './remote-file.ts';

/**
 * Whether an object is being looked for; or one that a list names, which alone may be missing, while samples are read; or a
 * listed one is read: then no other sample may take its place.
 */
export type Stage = 'finding' | 'named' | 'reading';

/** The object that was listed is not there any more. Ends a run: another stream would come of it. */
export const changedObject = ({ url }: Pick<RemoteFile, 'url'>, difference: string): BackendError =>
  new BackendError(
    'CHANGED_DATA',
    `${url}: ${difference}: it has changed since it was listed; start anew to list it again`,
  );

/** What a status that no repetition changes says of the object. */
export function refusal(stage: Stage, url: string, status: number, reason: string): MillraceError {
  const said = `(HTTP ${status}${reason === '' ? '' : `, ${reason}`})`;
  if (status === 401 || status === 403)
    return failure(stage, 'ACCESS_DENIED', `${url}: access denied ${said}; ${accessAdvice(url)}`);
  if (status === 404 || status === 410)
    return stage === 'reading'
      ? changedObject({ url }, `no such object ${said}`)
      : new DataError('MISSING_FILE', `${url}: no such object ${said}`);
  return failure(stage, 'REMOTE_REFUSED', `${url}: the server refuses the request ${said}`);
}

/** Of what cannot be read as it should be. While samples are read it is the machinery's fault, not the sample's. */
export const failure = (stage: Stage, code: string, message: string, cause?: unknown): MillraceError =>
  new (stage === 'finding' ? DataError : BackendError)(code, message, { cause });

function accessAdvice(url: string): string {
  if (url.startsWith('s3://'))
    return 'check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may read, or install @aws-sdk/credential-providers for profiles, SSO and roles; S3 says the same of objects that are missing where listing is not allowed';
  if (url.startsWith('hf://')) return 'check HF_TOKEN, and whether the dataset asks to accept its terms';
  return 'a signature in the address may have expired';
}

export const closed = (): BackendError =>
  new BackendError('READER_CLOSED', 'remote data is read by nobody any more: its reader was closed');
