import { defineConfig } from 'vitest/config';

// Tests run from dist: on Node 20 a worker thread cannot be started from a .ts file.
const project = (name: string, folders: readonly string[], more = {}) => ({
  extends: true as const,
  test: { name, include: folders.map((folder) => `dist/test/${folder}/**/*.test.js`), ...more },
});

export default defineConfig({
  test: {
    // for what hangs: nothing takes a tenth of it where nothing else runs
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      project('unit', ['contract', 'golden', 'unit']),
      project('workers', ['workers']),
      project('gpu', ['gpu']),
      // after the others, a file at a time: processes that wait for each other take a core each
      project('ranks', ['ranks'], { maxWorkers: 1, sequence: { groupOrder: 1 } }),
    ],
  },
});
