/** How long a server is waited for, in milliseconds. */
export interface Patience {
  /** Without a byte, before a request is given up and made again. */
  readonly silenceMs: number;
  /** Of all attempts at one request together. */
  readonly totalMs: number;
  /** The same of a host that has never answered: a name that does not exist is said soon. */
  readonly firstContactMs: number;
  /** Without an answer, before the user is told that it is waited for. */
  readonly noticeMs: number;
  /** Before the second attempt, on average; it doubles from attempt to attempt. */
  readonly firstDelayMs: number;
  /** At most between two attempts, on average. */
  readonly longestDelayMs: number;
}

export const defaultPatience: Patience = {
  silenceMs: 15_000,
  totalMs: 60_000,
  firstContactMs: 6_000,
  noticeMs: 3_000,
  firstDelayMs: 100,
  longestDelayMs: 2_000,
};
