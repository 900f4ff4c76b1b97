import { Schedule } from '../../../backends/gpu/schedule.ts';
import { fuseTwo } from '../../../backends/kernels/kernel.ts';
import { batchBytes } from '../../core/batch-size.ts';
import { MillraceError } from '../../core/errors.ts';
import { mebibytes } from '../../core/mebibytes.ts';
import { isStepDescription } from '../../core/step.ts';
import { isLiveSource } from '../../datasets/memory/live.ts';
import type { PipelineSource } from '../order/pipeline-source.ts';
import { examplePrograms, NOMINAL, SAMPLES } from './examples.ts';
import type { ResolvedOptions } from './options.ts';
import { fixedSize, imageSteps, type Plan, type PlannedStep, tensorFormat } from './plan.ts';
import { drawProgram, type ImageStep } from './program.ts';

/** The plan in words: what runs in which kernel, what is implied, how much memory it takes. */
export function explainPlan(source: PipelineSource, plan: Plan, options: ResolvedOptions): string {
  return [
    explainSource(source),
    explainStream(source, options),
    line(plan.decode, 'decode'),
    ...explainImageSteps(plan, options.seed),
    line(plan.normalize, 'finish'),
    ...finishLine(plan.erase, 'finish (boxes of each row)'),
    ...finishLine(plan.batch, 'finish (rows i and i XOR 1, blended in integers)'),
    ...finishLine(plan.eraseAfter, 'finish (boxes of each row, once it is mixed)'),
    ...(options.backend === 'gpu' ? [explainDispatches(plan, options.seed)] : []),
    explainMemory(plan, options),
  ].join('\n');
}

function explainSource(source: PipelineSource): string {
  if (isLiveSource(source)) return `source     ${source.name}`;
  return `source     ${source.name}: ${source.length} samples, ${source.classes.length} classes`;
}

function explainStream(source: PipelineSource, options: ResolvedOptions): string {
  const { batchSize, worldSize, rank, dropLast, backend, workers } = options;
  const last = dropLast ? 'last incomplete batch dropped' : 'last incomplete batch kept';
  const ranks =
    worldSize === 1 ? '' : ` (rank ${rank} of ${worldSize}, global batch ${batchSize * worldSize})`;
  return (
    `stream     batches of ${batchSize}${ranks}, ${explainOrder(source, options)}${explainCopies(options)}, ${last}\n` +
    `backend    ${backend}, ${workers} workers`
  );
}

function explainOrder(source: PipelineSource, { seed, epochs, shuffle, sampler }: ResolvedOptions): string {
  if (isLiveSource(source)) return 'in order of arrival';
  const order = sampler
    ? `by ${sampler.name}${show(sampler.parameters ?? {})} and seed ${seed}`
    : shuffle
      ? `shuffled by seed ${seed}`
      : 'in dataset order';
  if (epochs === Number.POSITIVE_INFINITY) return `repeated for ever, ${order}`;
  return `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}, ${order}`;
}

function explainCopies({ repeats, views }: ResolvedOptions): string {
  if (views > 1) return `, ${views} views of each sample`;
  return repeats > 1 ? `, ${repeats} rows of each sample, 1 / ${repeats} of the samples an epoch` : '';
}

/** Neighbouring steps whose calls become one kernel stand on one line. */
function explainImageSteps(plan: Plan, seed: number): string[] {
  const lines: { steps: PlannedStep[]; kernels: Set<string> }[] = [];
  for (const [position, step] of plan.image.entries()) {
    const { kernels, joins } = sampleKernels(imageSteps(plan), position, seed);
    const last = lines.at(-1);
    if (joins && last !== undefined && sameSet(last.kernels, kernels)) last.steps.push(step);
    else lines.push({ steps: [step], kernels });
  }
  return lines.map(({ steps: joined, kernels }) => {
    const names = joined
      .map(({ description }) => `${description.name}${show(description.parameters)}`)
      .join(' + ');
    return `${'image'.padEnd(10)} ${names} -> ${[...kernels].sort().join(' | ') || 'nothing'}`;
  });
}

/** Kernels that the step at `position` lowers to over some samples, and whether one ever fuses with those before. */
function sampleKernels(steps: readonly ImageStep[], position: number, seed: number) {
  const kernels = new Set<string>();
  let joins = false;
  try {
    for (let sampleId = 0; sampleId < SAMPLES; sampleId++) {
      const at = { seed, epoch: 0, sampleId };
      const before = drawProgram(steps.slice(0, position), NOMINAL, at).calls;
      const calls = drawProgram(steps.slice(0, position + 1), NOMINAL, at).lowered[position] ?? [];
      for (const { kernel } of calls) kernels.add(kernel.name);
      joins ||= calls[0] !== undefined && fuseTwo(before.at(-1), calls[0]) !== undefined;
    }
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    kernels.add(`depends on the image (${NOMINAL.width} x ${NOMINAL.height} does not do)`);
  }
  return { kernels, joins };
}

const sameSet = (a: Set<string>, b: Set<string>): boolean =>
  a.size === b.size && [...a].every((name) => b.has(name));

function line({ description, isImplied }: PlannedStep, kernel: string): string {
  const implied = isImplied ? ' (implied)' : '';
  const { phase, name, parameters } = description;
  return `${phase.padEnd(10)} ${name}${show(parameters)}${implied} -> ${kernel}`;
}

const finishLine = (step: PlannedStep | undefined, kernel: string): string[] =>
  step === undefined ? [] : [line(step, kernel)];

function show(parameters: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(parameters).map(([key, value]) => `${key}: ${showValue(value)}`);
  return `(${entries.join(', ')})`;
}

/** Steps inside a step as they are called. */
function showValue(value: unknown): string {
  if (!Array.isArray(value) || !value.every(isStepDescription)) return JSON.stringify(value);
  return `[${value.map(({ name, parameters }) => `${name}${show(parameters)}`).join(', ')}]`;
}

/** The dispatches of a batch of any size. */
function explainDispatches(plan: Plan, seed: number): string {
  const schedule = new Schedule();
  for (const calls of examplePrograms(imageSteps(plan), seed)) schedule.fit(calls);
  const { dispatches } = schedule;
  return `gpu        ${dispatches.length} dispatches per batch: ${dispatches.join(', ')}`;
}

function explainMemory(plan: Plan, { batchSize, prefetch, backend }: ResolvedOptions): string {
  const size = fixedSize(plan);
  if (size === undefined) return 'memory     the size of the images decides (no step fixes it)';
  const bytes = batchBytes(batchSize, size, tensorFormat(plan));
  const held = (slots: number) => mebibytes(slots * bytes);
  if (backend === 'synthetic') return `memory     1 slot of ${held(1)}`;
  const slots = prefetch + 1;
  const beside = backend === 'gpu' ? 'the decoded images, and the device' : 'scratch a worker';
  return `memory     ${slots} slots x ${held(1)} = ${held(slots)}, and ${beside}`;
}
