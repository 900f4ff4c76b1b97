/** Somebody asked for an early end, by Ctrl-C say: no fault of anything. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
