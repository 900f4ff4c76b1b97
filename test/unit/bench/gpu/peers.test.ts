import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { measurePeers, peerTable } from '../../../../bench/gpu/peers.ts';

const options = { device: 'cuda', batchSize: 8, interpolation: 'bilinear', seconds: 1 };

/** A program in Python's place: it is given the script's path and must not be found wanting by what it prints. */
async function peersOf(lines: readonly string[], code = 0) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-peers-'));
  const python = join(folder, 'python');
  const prints = lines.map((line) => `echo '${line}'`).join('\n');
  await writeFile(python, `#!/bin/sh\n${prints}\necho 'No module named torch' >&2\nexit ${code}\n`, {
    mode: 0o755,
  });
  try {
    return await measurePeers({ ...options, python, folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}

it('says how many times as fast each of ours is as each peer', async () => {
  const peers = await peersOf([
    '{"event":"versions","torch":"2"}',
    '{"event":"device","name":"a GPU"}',
    '{"event":"way","name":"per sample","imagesPerSecond":500,"msPerBatch":16}',
  ]);
  expect(peers).toMatchObject({ versions: 'torch 2', device: 'a GPU', missing: [] });
  const table = peerTable([{ name: 'ours', imagesPerSecond: 4000, msPerBatch: 2 }], peers);
  expect(table).toMatch(/\| ours +\| +4000 \| +2\.000 \| +\|/);
  expect(table).toMatch(/\| per sample +\| +500 \| +16\.000 \| +8\.0x \|/);
});

it('says what is missing: CUDA, a package, Python', async () => {
  const noCuda = await peersOf(['{"event":"missing","name":"torchvision v2","reason":"no CUDA"}']);
  expect(peerTable([], noCuda)).toContain('missing: no CUDA');
  expect((await peersOf([], 1)).missing).toEqual([
    { event: 'missing', name: 'torchvision v2', reason: 'No module named torch' },
  ]);
  const { missing } = await measurePeers({ ...options, python: '/no/such/python', folder: '.' });
  expect(missing[0]?.reason).toContain('ENOENT');
});
