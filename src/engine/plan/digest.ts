import { createHash } from 'node:crypto';
import { isStepDescription, type StepDescription } from '../../core/step.ts';
import type { Plan } from './plan.ts';

interface StreamIdentity {
  readonly seed: number;
  readonly globalBatchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  /** Where each sample stands once they are left out, so that the digest is as it was before there were others. */
  readonly repeats?: number;
  readonly views?: number;
  readonly sampler?: readonly unknown[];
}

/** SHA-256 of what a pipeline does to any dataset: steps with parameters and versions, seed, global batch size. */
export function pipelineDigest(plan: Plan, identity: StreamIdentity): string {
  const { decode, image, normalize, erase, batch, eraseAfter } = plan;
  const steps = [decode, ...image, normalize, erase, batch, eraseAfter].filter((step) => step !== undefined);
  const canonical = steps.map(({ description }) => canonicalStep(description));
  return createHash('sha256')
    .update(JSON.stringify([canonical, sorted({ ...identity })]))
    .digest('hex');
}

/** What a step does, and those inside it, wherever their modules may lie. */
export const canonicalStep = ({ name, version, parameters }: StepDescription): unknown[] => [
  name,
  version,
  sorted(parameters).map(([key, value]) => [key, canonicalValue(value)]),
];

const canonicalValue = (value: unknown): unknown =>
  Array.isArray(value) && value.every(isStepDescription) ? value.map(canonicalStep) : value;

const sorted = (record: Readonly<Record<string, unknown>>) =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
