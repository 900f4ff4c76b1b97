/** Long enough for a message between ranks that come at the same time; short for the work of a step. */
const SPIN_MS = 1;
/** Of the time waited so far. A rank that comes late is noticed late by at most this share. */
const PAUSE_SHARE = 0.1;
const LONGEST_PAUSE_MS = 1;

/**
 * Waits until something is done. At first it asks without a pause. Then it sleeps in between, so that the core is free for the
 * rank that is waited for, which often runs on the same machine.
 */
export function waitUntil(isDone: () => boolean, pause: (milliseconds: number) => void): void {
  if (isDone()) return;
  const start = performance.now();
  while (!isDone()) {
    const waited = performance.now() - start;
    if (waited > SPIN_MS) pause(Math.min(waited * PAUSE_SHARE, LONGEST_PAUSE_MS));
  }
}
