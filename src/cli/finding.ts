/** One thing that a machine offers, or does not. */
export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'missing' | 'optional';
  readonly detail: string;
  /** More lines about it. */
  readonly notes?: readonly string[];
  /** What to do where it is missing. */
  readonly advice?: string;
  /** Of a GPU adapter. */
  readonly adapter?: object;
}
