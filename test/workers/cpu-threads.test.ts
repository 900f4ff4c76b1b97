import { describe, expect, it } from 'vitest';
import { type Tensor, viewOf } from '../../backends/tensor-kernels/tensor.ts';
import type { PrepareOptions, TensorMap } from '../../src/core/trainer.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { createTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { beyondMemory, noStep } from '../support/cpu-programs.ts';
import { randomFloats } from '../support/finite-differences.ts';
import { onCpu } from '../support/tensor-calls.ts';
import { makeBatch } from '../support/trainers.ts';

const size = 32;
const rows = 5;
const model = efficientNet({ width: 0.25, depth: 0.4, classes: 7, resolution: size });
const options: PrepareOptions = {
  precision: 'float32',
  seed: 3,
  settings: {
    ...{ optimizer: 'rmsprop', momentum: 0.9, weightDecay: 1e-5, rmspropAlpha: 0.9, rmspropEpsilon: 0.01 },
    ...{ labelSmoothing: 0.1, emaDecay: 0.9 },
  },
};

const batch = makeBatch({
  images: Float32Array.from(randomFloats(rows * size * size * 3, 1)),
  dtype: 'float32',
  layout: 'nhwc',
  shape: [rows, size, size, 3],
  labels: Int32Array.from({ length: rows }, (_, row) => row % 7),
});

/** Losses of three steps, logits, and all that is trained. */
async function trained(threads: number): Promise<unknown> {
  const trainer = createTrainer({ device: 'cpu', threads });
  try {
    await trainer.prepare(model, options);
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) {
      const { loss } = await trainer.trainStep(batch, {
        learningRate: 0.01,
        apply: true,
        lossScale: 1,
        step,
      });
      losses.push(loss);
    }
    const { weights, optimizer, average } = await trainer.state();
    return {
      losses,
      evaluation: await trainer.evaluateStep(batch),
      tensors: [weights, optimizer, average].map(bytesOf),
    };
  } finally {
    await trainer.close();
  }
}

const bytesOf = (map: TensorMap = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(map).map(([name, { data }]) => [
      name,
      Buffer.from(data.slice().buffer).toString('base64'),
    ]),
  );

describe('threads of the CPU', () => {
  it('train to the same bits, however many there are', async () => {
    const alone = await trained(1);
    for (const threads of [2, 3, 7]) expect(await trained(threads), `${threads} threads`).toEqual(alone);
  });

  it('leave the calling thread free', async () => {
    const trainer = createTrainer({ device: 'cpu', threads: 1 });
    await trainer.prepare(efficientNet({ variant: 'b0', resolution: 64, classes: 10 }), options);
    const large = makeBatch({
      images: Float32Array.from(randomFloats(8 * 64 * 64 * 3, 1)),
      ...{ dtype: 'float32', layout: 'nhwc', shape: [8, 64, 64, 3], labels: new Int32Array(8) },
    });
    const gaps: number[] = [];
    try {
      for (let step = 0; step < 6; step++) {
        const gap = longestGap();
        await trainer.trainStep(large, { learningRate: 0.01, apply: true, lossScale: 1, step });
        gaps.push(gap());
      }
    } finally {
      await trainer.close();
    }
    // the first step plans, and draws the weights; other programs may have the core at times
    expect(Math.min(...gaps.slice(1))).toBeLessThan(50);
  });

  it('end what is asked for with the name of the thread that fails', () =>
    onCpu(2, async (executor) => {
      const program = beyondMemory();
      const out = viewOf(program.tensors[0] as Tensor);
      executor.run(await executor.prepare(program), ['calls'], noStep);
      await expect(executor.read([out])).rejects.toThrow(/^cpu tensors, thread \d: .*out of bounds/);
      expect(executor.failure).toMatchObject({ code: 'THREAD_LOST' });
      executor.run(await executor.prepare(program), ['calls'], noStep);
      await expect(executor.read([out])).rejects.toThrow(/thread/);
    }));
});

/** Begins to watch a timer of 1 ms. Returns what ends it, and says the longest time between two ticks. */
function longestGap(): () => number {
  let last = performance.now();
  let longest = 0;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(tick, 1);
  return () => {
    tick();
    clearInterval(timer);
    return longest;
  };
}
