import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { StepContestant, StepTime, StepWork } from './contestant.ts';
import { LEARNING_RATE, threadsOf } from './own-steps.ts';

/** Which of PyTorch's two layouts of images: the default one, or the one that is often faster on CPUs. */
export type MemoryFormat = 'contiguous' | 'channels_last';

interface Ready {
  readonly parameters: number;
  readonly torch: string;
}

/** PyTorch on so many threads, as a process that waits while others have their turn. Undefined where it does not start. */
export async function openTorchSteps(
  python: string,
  { variant, resolution, rows, classes }: StepWork,
  format: MemoryFormat,
  threads: number,
): Promise<StepContestant | undefined> {
  const work = { variant, resolution, rows, classes, format, threads, 'learning-rate': LEARNING_RATE };
  const flags = Object.entries(work).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(python, ['bench/peers/torch_step.py', ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.on('error', () => {}); // not installed: it closes without an answer
  const closed = new Promise((resolve) => child.once('close', resolve));
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T | undefined> => {
    const { value, done } = await answers.next();
    return done ? undefined : (JSON.parse(value) as T);
  };
  const ready = await answer<Ready>();
  if (ready === undefined) return undefined;
  return {
    name: `PyTorch ${ready.torch}, ${format}, ${threadsOf(threads)}`,
    threads,
    parameters: ready.parameters,
    async run(steps) {
      child.stdin.write(`${steps}\n`);
      const times = await answer<StepTime[]>();
      if (times === undefined) throw new Error('PyTorch ended before its last step');
      return times;
    },
    async close() {
      child.stdin.end();
      await closed;
    },
  };
}
