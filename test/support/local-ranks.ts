import { alone, type Ranks } from '../../src/ranks/ranks.ts';
import { TreeSum } from './tree-sum.ts';

/** Ranks of one process, for tests of what ranks do together: they meet as those of a launcher would. */
export function localRanks(size: number): Ranks[] {
  const meeting = new Meeting(size);
  return Array.from({ length: size }, (_, rank) => ({
    ...alone,
    ...{ rank, size, localRank: rank, localSize: size, library: 'one process' },
    sum: async (vector) => {
      const vectors = await meeting.exchange('sum', rank, vector.slice());
      const tree = new TreeSum();
      for (const one of vectors) tree.add(one.slice());
      vector.set(tree.take());
    },
    gather: (bytes) => meeting.exchange('gather', rank, bytes.slice()),
    abort: async (exitCode) => meeting.fail(new Error(`rank ${rank} ended all ranks with ${exitCode}`)),
    close: async () => {
      await meeting.exchange('close', rank, new Uint8Array(0));
    },
  }));
}

/** Where all ranks bring something, and each goes away with what all brought. */
class Meeting {
  readonly #size: number;
  readonly #calls: number[];
  readonly #rounds = new Map<number, Round>();
  #failure: Error | undefined;

  constructor(size: number) {
    this.#size = size;
    this.#calls = Array.from({ length: size }, () => 0);
  }

  exchange<Value>(what: string, rank: number, value: Value): Promise<Value[]> {
    if (this.#failure) return Promise.reject(this.#failure);
    const call = (this.#calls[rank] as number)++;
    const round = this.#rounds.get(call) ?? new Round(what);
    this.#rounds.set(call, round);
    round.bring(what, rank, value);
    if (round.brought.size === this.#size) {
      this.#rounds.delete(call);
      round.end(Array.from({ length: this.#size }, (_, one) => round.brought.get(one)));
    }
    return round.promise as Promise<Value[]>;
  }

  fail(error: Error): never {
    this.#failure = error;
    for (const round of this.#rounds.values()) round.fail(error);
    throw error;
  }
}

class Round {
  readonly brought = new Map<number, unknown>();
  readonly promise: Promise<unknown[]>;
  end: (values: unknown[]) => void = () => {};
  fail: (error: Error) => void = () => {};
  readonly #what: string;

  constructor(what: string) {
    this.#what = what;
    this.promise = new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
    this.promise.catch(() => {});
  }

  bring(what: string, rank: number, value: unknown): void {
    if (what !== this.#what)
      this.fail(new Error(`rank ${rank} called ${what} where others called ${this.#what}`));
    this.brought.set(rank, value);
  }
}
