import type { Command } from 'commander';
import { ParameterError } from '../../core/errors.ts';
import { exitCodes } from '../../core/exit-codes.ts';
import { resolveBackendName } from '../../engine/plan/backend-name.ts';
import { verifyStream } from '../../jobs.ts';
import { openData, readingOf } from '../../streams/open-data.ts';
import { selectionOf } from '../../streams/selection.ts';
import {
  hasWholeBatch,
  pipelineOptions,
  refuseSynthetic,
  type StreamOptions,
  trainingStream,
} from '../../streams/stream-options.ts';
import { trainingSteps } from '../../streams/training-steps.ts';
import type { Difference } from '../../verify/difference.ts';
import type { VerifyOptions } from '../../verify/options.ts';
import type { VariantResult } from '../../verify/variant-result.ts';
import type { StreamVerdict } from '../../verify/verify-stream.ts';
import { atLeast, type CommandContext, integerOption, makeCommand, runCommand } from '../command.ts';
import { addPresetFlags, type PresetFlags } from '../flags/configuration.ts';
import { addDataFlags, type DataFlags, dataSources, streamOf } from '../flags/data-flags.ts';
import { tellOfNoEffect } from '../flags/flags-without-effect.ts';

interface VerifyFlags extends DataFlags, PresetFlags {
  readonly batches: number;
  readonly only?: string;
  readonly ranks: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  millrace verify photos/train --augmentation autoaugment --mixup 0.2
  millrace verify photos/train stores/train.lmdb       a store and the folder it was made from: one stream
  millrace verify imagenet --preset efficientnet-b0    the stream of NVIDIA’s recipe
  millrace verify photos --recipe torchvision-v2       the stream of another
  millrace verify photos --data-backend gpu            fails if there is no GPU, where the default says SKIP`;

export function verifyCommand(): Command {
  const command = makeCommand('verify')
    .description(
      'Make the training stream in many ways (workers, backends, chunks, stops, ranks) and compare the results row by row. ' +
        'If two differ, name the row and the operator. Exit code 1 if two differ or none could be compared.',
    )
    .argument('[data...]', `${dataSources}; several sources of the same images are compared`)
    .addOption(
      integerOption(
        '--batches <n>',
        'how many first batches are compared, and about as many around the first epoch’s end (two whole epochs if they are shorter)',
        4,
        atLeast(1),
      ),
    )
    .option('--only <text>', 'compare only the variants with this in their names, such as ranks')
    .option('--no-ranks', 'do not train on 1, 2 and 4 ranks, which is done where MPI is installed')
    .option('--json', 'print the verdict as JSON')
    .option('--quiet', 'print no messages')
    .addHelpText('after', examples)
    .action((data: string[], flags: VerifyFlags) =>
      runCommand(flags, (context) => runVerify(data, flags, context)),
    );
  // it tries several of the one, and makes the other in any case
  return tellOfNoEffect(addDataFlags(addPresetFlags(command)), ['prefetch', 'digest']);
}

async function runVerify(
  paths: string[],
  flags: VerifyFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const open = (path: string) =>
    openData(path, { split: 'train', ...readingOf(flags), ...selectionOf(flags) }, terminal.log);
  const [dataset, ...sameAs] = await Promise.all(paths.map(open));
  if (dataset === undefined)
    throw new ParameterError('MISSING_DATA', 'verify: name the data, such as photos/train');
  const { stream, recipe } = streamOf(flags);
  // as in training
  const dropLast = hasWholeBatch(dataset, stream);
  const perEpoch = trainingStream(dataset, [], stream, { dropLast }).batchesPerEpoch as number;
  terminal.log(`${dataset.name}: ${describeExtent(dataset.length, perEpoch, flags)}`);
  const print = flags.json ? () => {} : terminal.data;
  const verdict = await verifyStream(dataset, trainingSteps(recipe), {
    ...optionsOf(stream, flags),
    ...{ sameAs, signal, dropLast },
    onResult: (result) => {
      if (result.status === 'baseline') print(tableLine('what varies', 'rows', 'result'));
      print(describeResult(result));
    },
  });
  print(describeVerdict(verdict));
  if (flags.json) terminal.data(JSON.stringify(verdict));
  if (!verdict.isOneStream || isEmpty(verdict)) process.exitCode = exitCodes.failed;
}

/** What of the stream is compared. */
function describeExtent(length: number, perEpoch: number, { batchSize, batches }: VerifyFlags): string {
  const epoch = `${length} images, ${perEpoch} ${perEpoch === 1 ? 'batch' : 'batches'} of ${Math.min(length, batchSize)} per epoch`;
  return perEpoch <= batches
    ? `${epoch}; two epochs`
    : `${epoch}; the first ${batches} and about as many around the epoch's end`;
}

function optionsOf(stream: StreamOptions, { batches, only, ranks }: VerifyFlags): VerifyOptions {
  refuseSynthetic('verify', stream.backend);
  const { batchSize, seed, repeats, onError, maxBad, sampleTimeoutMs, workers, gpuAdapter } = stream;
  const { sampler } = pipelineOptions(stream);
  const order = { batchSize, seed, repeats, sampler };
  const given = { ...order, onError, maxBad, sampleTimeoutMs, workers, gpuAdapter, only };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...{ batches, ranks },
    ...(resolveBackendName(stream.backend ?? 'cpu') === 'gpu' && { backends: ['reference', 'gpu'] }),
  };
}

const tableLine = (name: string, rows: string, result: string): string =>
  `${name.padEnd(42)} ${rows.padStart(6)}  ${result}`;

function describeResult({ name, status, rows, note, difference }: VariantResult): string {
  const outcome = status === 'baseline' ? 'baseline of all others' : status.toUpperCase();
  const more = [difference && describeDifference(difference), note && `(${note})`].filter(Boolean);
  return tableLine(name, String(rows), [outcome, ...more].join(' '));
}

function describeDifference({ epoch, batch, row, key, stage, operator, kernel, detail }: Difference): string {
  // of no row: the datasets themselves
  if (stage === 'dataset') return detail;
  const place = [`epoch ${epoch}, batch ${batch}`, row !== undefined && `row ${row}`, key].filter(Boolean);
  const what = [stage, operator && `operator ${operator}`, kernel && `kernel ${kernel}`].filter(Boolean);
  return `${place.join(', ')}: ${what.join(', ')}: ${detail}`;
}

/** Whether all was left out: a promise that nobody looked at is not kept for that reason. */
const isEmpty = ({ results }: Pick<StreamVerdict, 'results'>): boolean =>
  !results.some(({ status }) => status === 'pass' || status === 'fail');

function describeVerdict(verdict: StreamVerdict): string {
  const { identity, streamDigest, results, rows } = verdict;
  const skipped = results.filter(({ status }) => status === 'skip').length;
  const outcome = `${describeOutcome(verdict)}${skipped === 0 ? '' : `, ${skipped} skipped`}`;
  const { dataset, pipeline } = identity;
  return `${outcome}; ${rows} rows; digests: dataset ${dataset}, pipeline ${pipeline}, stream ${streamDigest}`;
}

function describeOutcome({ isOneStream, results }: StreamVerdict): string {
  const having = (wanted: VariantResult['status']) => results.filter(({ status }) => status === wanted);
  if (isEmpty({ results })) return 'SKIP: nothing could be compared with the baseline';
  if (!isOneStream)
    return `FAIL: ${having('fail').length} of ${results.length - 1} variants differ from the baseline`;
  const streams = having('pass').filter(({ compares }) => compares === undefined);
  const equal = [
    streams.length > 0 && `one stream, made in ${streams.length + 1} ways`,
    streams.length < having('pass').length && 'the same weights on 1, 2 and 4 ranks',
  ];
  return `PASS: ${equal.filter(Boolean).join('; ')}`;
}
