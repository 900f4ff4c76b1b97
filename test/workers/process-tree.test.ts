import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { processorSeconds, watchMemory } from '../../bench/process-tree.ts';

const hold =
  'const held = Buffer.alloc(200e6, 1); setInterval(() => held[0], 1000); console.log(held.length);';
const grandchild = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', ${JSON.stringify(hold)}], { stdio: ['ignore', 'inherit', 'inherit'] });
  process.stdin.on('close', () => { child.kill(); process.exit(); }).resume();
`;

it.runIf(process.platform === 'linux')(
  'counts what the processes hold and take that a process has started',
  async () => {
    const child = spawn(process.execPath, ['-e', grandchild], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data'); // the memory is held
    const closed = once(child, 'close');
    const memory = watchMemory(child.pid as number);
    const peak = memory.stop();
    const seconds = processorSeconds(child.pid as number);
    child.stdin.end();
    await closed;
    expect(peak).toBeGreaterThan(200e6);
    expect(peak).toBeLessThan(500e6);
    expect(seconds).toBeGreaterThan(0.03); // two starts of Node
    expect(seconds).toBeLessThan(5);
  },
);
