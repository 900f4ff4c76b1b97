import { MillraceError } from '../core/errors.ts';
import { describeStep } from '../core/step.ts';
import { compareBatches, isDifferentRow } from './compare.ts';
import type { Comparison } from './comparison.ts';
import { diagnose } from './diagnose.ts';
import type { Difference } from './difference.ts';
import type { StreamBatch } from './stream-batch.ts';
import { type StreamSource, streamPart } from './stream-part.ts';
import { baseline, type StreamVariant, type WindowPart } from './variants.ts';
import { isBefore } from './windows.ts';

/** Makes the stream as the variant does, up to its end or the first difference from what is expected of each window. */
export async function runVariant(
  source: StreamSource,
  variant: StreamVariant,
  expected: readonly (readonly StreamBatch[])[],
): Promise<Comparison> {
  const own = { ...source, dataset: variant.dataset ?? source.dataset };
  let rows = 0;
  for (const [window, parts] of variant.parts.entries()) {
    const end = (parts.at(-1) as WindowPart).window.to;
    const due = (expected[window] ?? []).filter(({ epoch, index }) => isBefore({ epoch, batch: index }, end));
    const comparison = await compareWindow(source, own, parts, due);
    rows += comparison.rows;
    if (comparison.difference !== undefined) return { ...comparison, rows };
  }
  return { rows, difference: undefined };
}

async function compareWindow(
  source: StreamSource,
  own: StreamSource,
  parts: readonly WindowPart[],
  due: readonly StreamBatch[],
): Promise<Comparison> {
  let [rows, next] = [0, 0];
  try {
    for await (const { batch, setting } of batchesOf(own, parts)) {
      const expected = due[next++];
      const found = expected === undefined ? surplus(batch) : compareBatches(expected, batch);
      if (found !== undefined) {
        const made = { expected: { source, setting: baseline }, actual: { source: own, setting } };
        return {
          rows,
          difference: isDifferentRow(found) ? await diagnose(found, made) : named(found, source),
        };
      }
      rows += batch.rows.length;
    }
    return { rows, difference: due[next] && missing(due[next] as StreamBatch) };
  } catch (error) {
    if (own.options.signal?.aborted || !(error instanceof MillraceError)) throw error;
    return { rows, difference: failed(error, due[next] ?? (due.at(-1) as StreamBatch)) };
  }
}

/** A weight of a whole batch is drawn by the one operator on batches. */
function named(difference: Difference, { steps }: StreamSource): Difference {
  const ofBatch = steps.map((step) => step[describeStep]).find(({ phase }) => phase === 'batch');
  if (difference.stage !== 'mix' || ofBatch === undefined) return difference;
  return { ...difference, operator: ofBatch.name };
}

/** Parts of the stream, one after the other; the digest goes on from part to part. */
async function* batchesOf(source: StreamSource, parts: readonly WindowPart[]) {
  let digest = '';
  for (const { setting, window } of parts) {
    for await (const batch of streamPart(source, setting, window, window.from.batch === 0 ? '' : digest)) {
      yield { batch, setting };
      digest = batch.digest;
    }
  }
}

const surplus = ({ epoch, index }: StreamBatch): Difference => ({
  ...{ epoch, batch: index, stage: 'order' },
  detail: 'a batch that the baseline does not have',
});

const missing = ({ epoch, index }: StreamBatch): Difference => ({
  ...{ epoch, batch: index, stage: 'order' },
  detail: 'the stream ended before this batch',
});

const failed = (
  { message, code, operator, sample }: MillraceError,
  { epoch, index }: StreamBatch,
): Difference => ({
  ...{ epoch, batch: index, stage: 'error' },
  ...(sample !== undefined && { key: sample }),
  ...(operator !== undefined && { operator }),
  detail: `${message} [${code}]`,
});
