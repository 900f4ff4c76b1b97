import { decode } from '../../operators/image/decode.ts';
import { normalize } from '../../operators/image/normalize.ts';
import { MillraceError } from '../core/errors.ts';
import { makePlan, tensorFormat } from '../engine/plan.ts';
import { bisect, type Made } from './bisect.ts';
import { compareBatches, type DifferentRow, isDifferentRow } from './compare.ts';
import { agreement, type Finding, findStep, withPlace } from './diagnose.ts';
import type { Difference } from './difference.ts';
import { Replayer } from './replayer.ts';
import type { StreamBatch } from './stream-batch.ts';
import { type StreamSource, streamPart } from './stream-part.ts';
import { baseline, type Part, type Variant } from './variants.ts';

/** How far a variant was compared, and what was found. */
export interface Comparison {
  readonly rows: number;
  readonly difference: Difference | undefined;
}

/** Makes the stream as the variant does, up to its end or the first difference from what is expected of each window. */
export async function runVariant(
  source: StreamSource,
  variant: Variant,
  expected: readonly (readonly StreamBatch[])[],
): Promise<Comparison> {
  let rows = 0;
  const own = { ...source, dataset: variant.dataset ?? source.dataset };
  for (const [window, parts] of variant.parts.entries()) {
    const due = (expected[window] ?? []).slice(0, variant.isSample ? 1 : undefined);
    const { compared, difference } = await compareWindow(source, own, parts, due, variant.isSample ?? false);
    rows += compared;
    if (difference !== undefined) return { rows, difference };
  }
  return { rows, difference: undefined };
}

async function compareWindow(
  source: StreamSource,
  own: StreamSource,
  parts: readonly Part[],
  due: readonly StreamBatch[],
  isSample: boolean,
): Promise<{ readonly compared: number; readonly difference: Difference | undefined }> {
  let [compared, next, previous] = [0, 0, ''];
  try {
    for (const { setting, window } of parts) {
      for await (const actual of streamPart(own, setting, window, window.from.batch === 0 ? '' : previous)) {
        const expected = due[next];
        if (expected === undefined) return { compared, difference: surplus(actual) };
        const found = compareBatches(expected, actual);
        if (found !== undefined) {
          const made = { expected: { source, setting: baseline }, actual: { source: own, setting } };
          return { compared, difference: isDifferentRow(found) ? await diagnose(found, made) : found };
        }
        compared += actual.rows.length;
        previous = actual.digest;
        if (++next === due.length && isSample) return { compared, difference: undefined };
      }
    }
    return { compared, difference: due[next] && missing(due[next] as StreamBatch) };
  } catch (error) {
    if (own.options.signal?.aborted || !(error instanceof MillraceError)) throw error;
    const { epoch = 0, index = 0 } = due[next] ?? {};
    return { compared, difference: failed(error, epoch, index) };
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
  epoch: number,
  batch: number,
): Difference => ({
  ...{ epoch, batch, stage: 'error' },
  ...(sample !== undefined && { key: sample }),
  ...(operator !== undefined && { operator }),
  detail: `${message} [${code}]`,
});

/** The first step that comes out differently: of the row alone; if it does not, of the pipeline. */
async function diagnose(
  found: DifferentRow,
  made: { readonly expected: Made; readonly actual: Made },
): Promise<Difference> {
  const finding = await findCause(found, made).catch(
    (error: unknown): Finding => ({
      stage: 'unknown',
      detail: `it could not be made again: ${error instanceof Error ? error.message : error}`,
    }),
  );
  return withPlace(found, finding);
}

async function findCause(
  found: DifferentRow,
  made: { readonly expected: Made; readonly actual: Made },
): Promise<Finding> {
  const plan = makePlan(made.expected.source.steps, { decode: decode(), normalize: normalize() });
  const { expected: a, actual: b } = made;
  const expected = await Replayer.open(a.source.dataset, a.setting, plan);
  const actual = await Replayer.open(b.source.dataset, b.setting, plan);
  try {
    const [, first, second, third] = found.expected.shape;
    const isLast = tensorFormat(plan).layout === 'nhwc';
    const size = isLast ? { height: first, width: second } : { height: second, width: third };
    const finding = (await findStep(found, { expected, actual }, plan)) ?? (await bisect(found, made, size));
    if (finding !== undefined) return finding;
    const whose = await agreement(found, expected, plan);
    const detail = `only in that run: made again, alone and in the pipeline, the two agree; alone it is as ${whose} has it`;
    return { stage: 'unknown', detail };
  } finally {
    await expected.close();
    await actual.close();
  }
}
