/** One rank of bench:ranks: sums over the ranks. Rank 0 prints a line when the ranks are open, and one with what was measured. */
import { parseArgs } from 'node:util';
import { openRanks } from '../../src/ranks/open-ranks.ts';
import { text } from '../text-option.ts';
import type { Exchanges } from './contestants.ts';

const { values: options } = parseArgs({ options: { floats: text('1000'), runs: text('0') } });
const WARM_UP = 2;

const ranks = await openRanks();
const say = (line: string) => void (ranks.rank === 0 && process.stdout.write(`${line}\n`));
say('open');

const vector = ranks.allocate(Number(options.floats));
const milliseconds: number[] = [];
let [longestGapMs, last] = [0, 0];
const timer = setInterval(() => {
  const now = performance.now();
  longestGapMs = Math.max(longestGapMs, now - last);
  last = now;
}, 1);
for (let run = 0; run < WARM_UP + Number(options.runs); run++) {
  vector.fill(ranks.rank + 1);
  await ranks.gather(new Uint8Array(0));
  if (run <= WARM_UP) [longestGapMs, last] = [0, performance.now()];
  const start = performance.now();
  await ranks.sum(vector);
  if (run >= WARM_UP) milliseconds.push(performance.now() - start);
}
clearInterval(timer);
const isRight = vector.every((value) => value === (ranks.size * (ranks.size + 1)) / 2);
const measured: Exchanges = { name: ranks.library ?? 'alone', milliseconds, longestGapMs, isRight };
say(JSON.stringify(measured));
await ranks.close();
