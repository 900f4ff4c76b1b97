import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

/** Compares with a file of the repository; the environment variable `update` set to 1 writes the file instead. */
export function expectCommitted(path: string, content: string, update: string): void {
  if (process.env[update] === '1') writeFileSync(path, content);
  expect(content, `${path} (to accept a change on purpose, run the tests with ${update}=1)`).toBe(
    readFileSync(path, 'utf8'),
  );
}
