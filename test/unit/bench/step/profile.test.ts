import { expect, it } from 'vitest';
import type { StepWork } from '../../../../bench/step/contestant.ts';
import { openOwnSteps } from '../../../../bench/step/own-steps.ts';
import { profileSteps } from '../../../../bench/step/profile.ts';

const work: StepWork = { variant: 'nano', resolution: 32, rows: 2, classes: 10 };

it('times steps on threads', async () => {
  const own = await openOwnSteps(work, 2);
  try {
    const times = await own.run(2);
    expect(times).toHaveLength(2);
    for (const { milliseconds } of times) expect(milliseconds).toBeGreaterThan(0);
  } finally {
    await own.close();
  }
});

it('says how long each kind of work of a step takes', async () => {
  const { works, calls, total } = await profileSteps(work, 1, 3);
  for (const name of ['1x1 forward', 'depthwise gradients', 'squeeze and excite', 'stem', 'update'])
    expect(works.get(name), name).toBeGreaterThan(0);
  expect(calls).toBeGreaterThan(100);
  const sum = [...works.values()].reduce((all, one) => all + one, 0);
  expect(sum).toBeCloseTo(total, 6);
});
