import type { GpuCounts } from '../../backends/gpu/counts.ts';
import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import type { Terminal } from './terminal.ts';

/** Names the adapter, and says of one that is no GPU what it is. */
export function describeAdapter({ name, isSoftware }: AdapterDescription): string {
  const note = ' (software, runs on the CPU: correct, but slower than the cpu backend)';
  return isSoftware ? `${name}${note}` : name;
}

/** Says which GPU computes. */
export const logAdapter =
  ({ log }: Terminal) =>
  (adapter: AdapterDescription): void =>
    log(`GPU adapter: ${describeAdapter(adapter)}`);

/** What went to a device and back while a stream was measured. */
export interface GpuTraffic {
  readonly dispatchesPerBatch: number;
  readonly submitsPerBatch: number;
  readonly bytesUpPerImage: number;
  /** 0 where no batch is read. */
  readonly bytesDownPerImage: number;
}

export function gpuTraffic(before: Readonly<GpuCounts>, after: Readonly<GpuCounts>): GpuTraffic {
  const each = (name: keyof GpuCounts, of: 'batches' | 'images') =>
    (after[name] - before[name]) / (after[of] - before[of]);
  return {
    dispatchesPerBatch: each('dispatches', 'batches'),
    submitsPerBatch: each('submits', 'batches'),
    bytesUpPerImage: each('bytesUp', 'images'),
    bytesDownPerImage: each('bytesDown', 'images'),
  };
}

export function describeTraffic(traffic: GpuTraffic): string {
  const { dispatchesPerBatch, submitsPerBatch, bytesUpPerImage, bytesDownPerImage } = traffic;
  const submits = `${decimals(submitsPerBatch)} ${submitsPerBatch === 1 ? 'submit' : 'submits'}`;
  const up = bytesUpPerImage.toFixed(0);
  const down = bytesDownPerImage.toFixed(0);
  return `GPU: ${decimals(dispatchesPerBatch)} dispatches in ${submits} per batch; ${up} bytes up, ${down} down per image`;
}

/** None for a whole number. */
const decimals = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(2));
