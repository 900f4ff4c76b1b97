import { describe, expect, it } from 'vitest';
import { MOST_BYTES } from '../../backends/cpu/tensors/shared-memory.ts';
import { copyOf, noStep } from '../support/cpu-programs.ts';
import { coded } from '../support/errors.ts';
import { scriptWith } from '../support/processes.ts';
import { onCpu } from '../support/tensor-calls.ts';

describe('threads of the CPU that are closed', () => {
  it('while they compute reject what is waited for, and all that comes after', () =>
    onCpu(2, async (executor) => {
      const { out, program } = copyOf(1 << 16);
      const prepared = await executor.prepare(program);
      for (let i = 0; i < 200; i++) executor.run(prepared, ['calls'], noStep);
      const reading = executor.read([out]);
      // once they are at work
      await new Promise((resolve) => setTimeout(resolve, 5));
      const closing = executor.close();
      await expect(reading).rejects.toThrow(coded('CLOSED', /^cpu: closed/));
      await closing;
      await expect(executor.read([out])).rejects.toThrow(coded('CLOSED', /^cpu: closed/));
    }));

  it('while nothing computes reject what is asked for then', () =>
    onCpu(2, async (executor) => {
      const { out, program } = copyOf(4);
      const prepared = await executor.prepare(program);
      await executor.close();
      executor.run(prepared, ['calls'], noStep);
      await expect(executor.read([out])).rejects.toThrow(coded('CLOSED', /^cpu: closed/));
    }));
});

describe('a program that cannot be prepared', () => {
  it('for want of memory leaves the executor as it was', () =>
    onCpu(2, async (executor) => {
      const { x, out, values, program } = copyOf(8);
      const large = copyOf(8).program;
      const tensors = [...large.tensors, ...[1, 2, 3].map((i) => huge(`huge ${i}`, 2 ** 31))];
      const before = executor.bytesHeld;
      await expect(executor.prepare({ ...large, tensors })).rejects.toThrow(coded('OUT_OF_MEMORY', /MiB/));
      expect(executor.bytesHeld).toBe(before);
      const prepared = await executor.prepare(program);
      executor.write(x, values);
      executor.run(prepared, ['calls'], noStep);
      expect(new Float32Array((await executor.read([out]))[0] as ArrayBuffer)).toEqual(values);
    }));

  it('for want of scratch memory fails again when it is tried again', () =>
    onCpu(2, async (executor) => {
      // 192 KiB are left, and two threads want 256 KiB each
      const filler = huge('filler', MOST_BYTES - 2 ** 18);
      await executor.prepare({ phases: {}, tensors: [filler], allocations: [] });
      const { program } = copyOf(4);
      for (let i = 0; i < 2; i++)
        await expect(executor.prepare(program)).rejects.toThrow(coded('OUT_OF_MEMORY', /MiB/));
    }));
});

const huge = (name: string, bytes: number) =>
  ({ name, purpose: 'activations', element: 'f32', size: bytes / 4 }) as const;

describe('a process whose trainer computes on the CPU', () => {
  const train = `
    const trainer = graph.createTrainer({ device: 'cpu', threads: 2 });
    await trainer.prepare(common.model, { precision: 'float32', seed: 1, settings: common.settings });
    for (const { loss } of await common.run(trainer, 0, 2)) console.log(loss);`;
  const modules = {
    graph: 'src/trainers/graph/graph-trainer.js',
    common: 'test/support/graph-training.js',
    programs: 'test/support/cpu-programs.js',
    cpu: 'backends/cpu/tensors/tensor-executor.js',
  };
  // what rejects and is heard by nobody ends the process
  const strict = { env: { NODE_OPTIONS: '--unhandled-rejections=strict' } };

  it.each([
    ['with close', `${train} await trainer.close();`],
    ['without', train],
    ['while a step waits for nobody', `${train} common.run(trainer, 2, 9);`],
  ])('ends by itself: %s', async (_, text) => {
    const { code, stdout, stderr, lingeredMs, isAlone } = await scriptWith(modules, text, strict);
    expect({ code, stderr, isAlone }).toEqual({ code: 0, stderr: '', isAlone: true });
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(lingeredMs).toBeLessThan(5000);
  });

  it('waits for a thread that answers while it is ended', async () => {
    // of so many one ends between its answer and its end
    const text = `
      for (let i = 0; i < 120; i++) {
        const executor = await cpu.CpuTensorExecutor.open(1);
        const copy = await executor.prepare(programs.copyOf(4).program);
        executor.run(copy, ['calls'], programs.noStep);
        await null;
        await executor.close();
      }
      console.log('closed');`;
    expect(await scriptWith(modules, text, strict)).toMatchObject({
      code: 0,
      stdout: 'closed\n',
      stderr: '',
    });
  });

  it.each([
    ['closed while it computes', 'executor.run(copy, ["calls"], numbers); await executor.close();'],
    [
      'closed while others wait',
      'executor.run(copy, ["calls"], numbers); executor.read([]).catch(() => {}); await executor.close();',
    ],
    ['used after it is closed', 'await executor.close(); executor.run(copy, ["calls"], numbers);'],
    [
      'left alone by a thread',
      'executor.run(beyond, ["calls"], numbers); executor.run(copy, ["calls"], numbers);',
    ],
  ])('ends without a rejection that nobody hears: %s', async (_, action) => {
    const text = `${train}
      const { executor } = trainer.session;
      const numbers = programs.noStep;
      const beyond = await executor.prepare(programs.beyondMemory());
      const copy = await executor.prepare(programs.copyOf(1 << 16).program);
      ${action}
      await new Promise((resolve) => setTimeout(resolve, 100));
      await trainer.close();`;
    const { code, stderr, isAlone } = await scriptWith(modules, text, strict);
    expect({ code, stderr, isAlone }).toEqual({ code: 0, stderr: '', isAlone: true });
  });
});
