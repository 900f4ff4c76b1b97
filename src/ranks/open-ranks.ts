import { alone, type Ranks } from './ranks.ts';

export interface OpenRanksOptions {
  /** How long a rank waits for the others before it takes them for hung. Default 600000. */
  readonly timeoutMs?: number | undefined;
}

/** The ranks that a launcher started this process among; `alone` where none did. Opened once a process. */
export async function openRanks(_options: OpenRanksOptions = {}): Promise<Ranks> {
  return alone;
}
