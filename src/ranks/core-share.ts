import { readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import type { Ranks } from './ranks.ts';
import { gatherValues } from './together.ts';

/** Where a rank may run. Ranks of equal places have the same cores. */
interface Place {
  readonly host: string;
  /** Cores that it is bound to, as Linux lists them: `0-3,8`; undefined where the system does not say. */
  readonly allowed?: string | undefined;
}

/**
 * Cores for this rank, at least 1: those that it may use, divided among the ranks of the host that may use the same. A launcher that
 * binds each rank to cores of its own has divided them already. Undefined where a rank is alone.
 */
export async function coreShare(ranks: Ranks): Promise<number | undefined> {
  if (ranks.size === 1) return undefined;
  const places = await gatherValues(ranks, { host: hostname(), allowed: allowedCores() });
  return shareOf(places, ranks.rank, availableParallelism());
}

/** @param cores that the rank may use */
export function shareOf(places: readonly Place[], rank: number, cores: number): number {
  const own = places[rank] as Place;
  const sharers = places.filter(({ host, allowed }) => host === own.host && allowed === own.allowed);
  return Math.max(1, Math.floor(cores / sharers.length));
}

function allowedCores(): string | undefined {
  try {
    return /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  } catch {
    // no Linux
    return undefined;
  }
}
