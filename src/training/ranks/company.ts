import type { Agreement } from './agreement.ts';
import type { Events } from './events.ts';

/** The ranks of a training, and what is told of it. */
export interface Company {
  readonly agreement: Agreement;
  readonly events: Events;
}
