import { setTimeout as pause } from 'node:timers/promises';

/** Waits for the promise, but no longer than this. */
export async function within(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}

/** Tries again and again, until it succeeds. */
export async function until(attempt: () => boolean): Promise<void> {
  while (!attempt()) await pause(10);
}

/** The same where the process ends and nothing can be awaited any more: blocks the thread, but no longer than this. */
export function blockUntil(attempt: () => boolean, milliseconds: number): void {
  const end = performance.now() + milliseconds;
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  while (!attempt() && performance.now() < end) Atomics.wait(nothing, 0, 0, 1);
}
