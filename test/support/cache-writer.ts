/** `node cache-writer.js <folder> <limit> <blocks> <seed>`: keeps so many blocks of an object that nobody else has. */
import { Buffer } from 'node:buffer';
import { BlockCache } from '../../src/remote/block-cache.ts';
import { BLOCK_BYTES } from '../../src/remote/block-file.ts';

const [folder, limit, blocks, seed] = process.argv.slice(2) as [string, string, string, string];
const cache = new BlockCache({ folder, limit: Number(limit) }, (message) => console.error(message));
const bytes = Buffer.alloc(BLOCK_BYTES, Number(seed));
process.stdout.write('started\n');
for (let number = 0; number < Number(blocks); number++)
  await cache.write({ object: seed.repeat(40).slice(0, 40), number, length: BLOCK_BYTES }, bytes);
