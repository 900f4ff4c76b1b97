/** What has been sent to the device to make batches, and what was fetched. */
export interface GpuCounts {
  batches: number;
  images: number;
  submits: number;
  dispatches: number;
  /** Of images and programs; tables that stay are not counted. */
  bytesUp: number;
  /** Of batches that were read. */
  bytesDown: number;
  /** Milliseconds that the CPU has waited for the device before it could send more. */
  waitingMs: number;
}

export const noCounts = (): GpuCounts => ({
  batches: 0,
  images: 0,
  submits: 0,
  dispatches: 0,
  bytesUp: 0,
  bytesDown: 0,
  waitingMs: 0,
});
const names = Object.keys(noCounts()) as (keyof GpuCounts)[];

export function addCounts(counts: GpuCounts, more: Readonly<GpuCounts>): void {
  for (const name of names) counts[name] += more[name];
}
