import type { Drawn } from '../core/batch.ts';
import { BackendError } from '../core/errors.ts';
import type { TensorFormat } from '../core/image.ts';
import { tensorElements } from '../core/tensor.ts';
import type { ReplayedSample } from './replayed-sample.ts';

/** Throws where an operator drew something else for the batch than it does now. */
export function proveDraws({ key, drawn }: ReplayedSample, inBatch: readonly Drawn[]): void {
  const at = drawn.findIndex((own, i) => JSON.stringify(own) !== JSON.stringify(inBatch[i]));
  const own = drawn[at];
  if (own === undefined) return;
  const values = `${JSON.stringify(inBatch[at]?.values)} for the batch and ${JSON.stringify(own.values)} again`;
  const reason = 'what it draws depends on more than seed, epoch, sample and its place among the steps';
  throw new BackendError('REPLAY_DIFFERS', `${key}: ${own.operator} drew ${values}: ${reason}`, {
    sample: key,
    operator: own.operator,
  });
}

/** Throws where the replayed tensor is not, byte for byte, that of the batch. */
export function proveTensor(
  { key }: ReplayedSample,
  made: Uint8Array,
  inBatch: Uint8Array,
  format: TensorFormat,
): void {
  if (Buffer.compare(made, inBatch) === 0) return;
  const [own, its] = [tensorElements(made, format), tensorElements(inBatch, format)];
  const different = its.reduce((count, value, i) => count + (Object.is(value, own[i]) ? 0 : 1), 0);
  const first = its.findIndex((value, i) => !Object.is(value, own[i]));
  const values = `the first is ${its[first]} in the batch and ${own[first]} in the replay`;
  const message = `${key}: the replay does not end in the batch's row: ${different} of ${its.length} elements differ, ${values}`;
  throw new BackendError('REPLAY_DIFFERS', message, { sample: key });
}

/** Throws where something else that the row's digest speaks of differs: its sample's number or label. */
export function proveDigest({ key }: ReplayedSample, made: Uint8Array, inBatch: Uint8Array): void {
  if (Buffer.compare(made, inBatch) === 0) return;
  const [its, own] = [inBatch, made].map((digest) => Buffer.from(digest).toString('hex'));
  const message = `${key}: the row's digest is ${its} in the batch and ${own} in the replay`;
  throw new BackendError('REPLAY_DIFFERS', message, { sample: key });
}
