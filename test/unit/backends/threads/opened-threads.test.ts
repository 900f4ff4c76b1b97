import { expect, it } from 'vitest';
import { OpenedThreads } from '../../../../backends/threads/opened-threads.ts';

it('knows which threads have opened, of more than there are at a time', () => {
  const opened = OpenedThreads.allocate(2);
  const onThread = new OpenedThreads(opened.buffer);
  expect(opened.has(1)).toBe(false);
  for (let id = 1; id <= 20; id++) {
    onThread.add(id);
    expect([id, id + 1].map((one) => opened.has(one))).toEqual([true, false]);
    if (id > 1) expect(opened.has(id - 1)).toBe(true);
    if (id > 2) opened.delete(id - 1);
    // the first stays, while others come and go
    expect(opened.has(1)).toBe(true);
  }
});
