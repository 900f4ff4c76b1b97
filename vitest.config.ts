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
      // mostly one thread a file, so one file a core; vitest's default leaves a core idle
      project('unit', ['contract', 'golden', 'unit'], { maxWorkers: '100%', sequence: { groupOrder: 0 } }),
      project('workers', ['workers'], { sequence: { groupOrder: 1 } }),
      project('gpu', ['gpu'], { sequence: { groupOrder: 1 } }),
      // after the others, a file at a time: processes that wait for each other take a core each
      project('ranks', ['ranks'], { maxWorkers: 1, sequence: { groupOrder: 2 } }),
    ],
  },
});
