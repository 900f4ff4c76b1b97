import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { WaitingList } from '../../../src/ranks/thread/waiting-list.ts';

/** As long as a process that is stopped runs no timers. */
function standStill(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

it('is late where an answer takes longer than the timeout', async () => {
  const late: string[] = [];
  const list = new WaitingList<number>(100, (what) => late.push(what));
  void list.add('the sum');
  await sleep(50);
  expect(late).toEqual([]);
  await sleep(400);
  expect(late).toEqual(['the sum']);
});

it('does not count the time for which the process was stopped', async () => {
  const late: string[] = [];
  const list = new WaitingList<number>(500, (what) => late.push(what));
  const answer = list.add('the sum');
  await sleep(20);
  standStill(1000);
  await sleep(100);
  list.answer(7);
  expect(await answer).toBe(7);
  expect(late).toEqual([]);
});
